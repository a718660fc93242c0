import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChatRequest } from '../../languages/chat/schema.ts';
import type { EmbeddedServer } from '../provider.ts';
import { demoAnswer } from './answer.ts';
import { createPromptCache, type PromptCache } from './cache.ts';
import type { DemoFault } from './faults.ts';
import { DEMO_CONTEXT_WINDOW, demoRefusal, tooLong } from './refusal.ts';
import { promptTokens, toTokens, usageOf } from './tokens.ts';
import { writeDemoBody, writeDemoStream } from './writer.ts';

/** Not imported by name, which would load all of Node's own fetch and web sockets. */
const { createServer } = process.getBuiltinModule('node:http');

/** Ten times what fits into the window of the demo model, for requests with many tools. */
const MAX_BODY_CHARS = 40 * DEMO_CONTEXT_WINDOW;

/** Serves the demo model in OpenAI's language on a loopback port. */
export async function startDemoServer(): Promise<EmbeddedServer> {
  const cache = createPromptCache();
  const server = createServer((request, response) => {
    // Only the gateway calls this server; what can go wrong is that it hangs up, and then there is no reader left to tell.
    serve(request, response, cache).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, cache: PromptCache): Promise<void> {
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece;
  if (!request.url?.endsWith('/chat/completions')) {
    return refuse(response, 404, { message: 'The demo model only chats.', code: 'unknown_url' });
  }
  // In one turn of the gateway's own event loop: what is refused anyway is not parsed before.
  if (body.length > MAX_BODY_CHARS) return refuse(response, 400, tooLong(Math.ceil(body.length / 4)));
  const chat = JSON.parse(body) as ChatRequest;
  const fault = (chat.model.split(':')[1] ?? null) as DemoFault | null;
  if (fault === '429') {
    response.setHeader('retry-after', '1');
    return refuse(response, 429, { message: 'The demo model is busy.', code: 'rate_limit_exceeded' });
  }
  if (fault === '500') return refuse(response, 500, { message: 'The demo model broke.', code: 'server_error' });
  if (fault === 'reset') return void request.socket.resetAndDestroy();
  if (fault === 'silent') return;
  await answer(response, chat, fault, cache);
}

interface RefusedAnswer {
  readonly message: string;
  readonly param?: string;
  readonly code: string | null;
}

function refuse(response: ServerResponse, status: number, { message, param, code }: RefusedAnswer): void {
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type, param: param ?? null, code } }));
}

async function answer(
  response: ServerResponse,
  chat: ChatRequest,
  fault: DemoFault | null,
  cache: PromptCache,
): Promise<void> {
  const prompt = promptTokens(chat);
  const refusal = demoRefusal(chat, prompt);
  if (refusal) return refuse(response, 400, refusal);
  const answers = Array.from({ length: chat.n ?? 1 }, () => toTokens(chat, demoAnswer(chat)));
  const usage = usageOf(prompt, cache.add(chat), answers);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const write = chat.stream ? writeDemoStream : writeDemoBody;
  await write(response, { chat, answers, usage, fault }, gone.signal);
}
