import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { ChatRequest } from '../protocol/chat.ts';
import { DONE_FRAME, toFrame } from '../protocol/sse.ts';
import type { DemoFault } from './demo.ts';
import { type DemoAnswer, demoAnswer } from './demo-answer.ts';
import type { EmbeddedServer } from './provider.ts';

const TOKEN_MS = 10;
const SLOW_FIRST_MS = 3000;
const SLOW_TOKEN_MS = 250;
/** How much of an answer comes before a fault in its middle. */
const TOKENS_BEFORE_FAULT = 8;

/** Serves the demo model in OpenAI's language on a loopback port. */
export async function startDemoServer(): Promise<EmbeddedServer> {
  const server = createServer((request, response) => {
    // Only the gateway calls this server; what can go wrong is that it hangs up, and then nobody is left to tell.
    serve(request, response).catch(() => response.destroy());
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

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece;
  if (!request.url?.endsWith('/chat/completions')) {
    return refuse(response, 404, 'The demo model only chats.', 'unknown_url');
  }
  const chat = JSON.parse(body) as ChatRequest;
  const fault = (chat.model.split(':')[1] ?? null) as DemoFault | null;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (fault === '429')
    return refuse(response, 429, 'The demo model is busy.', 'rate_limit_exceeded', { 'retry-after': '1' });
  if (fault === '500') return refuse(response, 500, 'The demo model broke.', 'server_error');
  if (fault === 'reset') return void request.socket.resetAndDestroy();
  if (fault === 'silent') return;
  const answers = Array.from({ length: chat.n ?? 1 }, () => toTokens(chat, demoAnswer(chat)));
  await (chat.stream
    ? stream(response, chat, answers, fault, gone.signal)
    : whole(response, chat, answers, fault, gone.signal));
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  code: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message, type: code, param: null, code } }));
}

interface Tokens {
  readonly text: readonly string[];
  readonly calls: DemoAnswer['calls'];
  readonly finish: 'stop' | 'length' | 'tool_calls';
}

/** A token is a word with the space before it. Limits and stop words are honoured. */
function toTokens(chat: ChatRequest, answer: DemoAnswer): Tokens {
  if (answer.calls.length > 0) return { text: [], calls: answer.calls, finish: 'tool_calls' };
  const words = beforeStop(answer.text, chat.stop).match(/\s*\S+/g) ?? [];
  const limit = chat.max_completion_tokens ?? chat.max_tokens ?? words.length;
  return { text: words.slice(0, limit), calls: [], finish: words.length > limit ? 'length' : 'stop' };
}

function beforeStop(text: string, stop: ChatRequest['stop']): string {
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  const ends = stops.filter((word) => word !== '').map((word) => text.indexOf(word));
  return text.slice(0, Math.min(text.length, ...ends.filter((end) => end >= 0)));
}

function identity(chat: ChatRequest): object {
  return { id: 'chatcmpl-demo', created: 1_790_000_000, model: chat.model, system_fingerprint: 'fp_demo' };
}

function usageOf(chat: ChatRequest, answers: readonly Tokens[]): object {
  const prompt = Math.ceil(JSON.stringify(chat.messages).length / 4);
  const counts = answers.map(({ text, calls }) => text.length + JSON.stringify(calls).length - 2);
  const completion = counts.reduce((sum, count) => sum + count, 0);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

function logprobsOf(chat: ChatRequest, tokens: readonly string[]): object | null {
  if (!chat.logprobs) return null;
  const content = tokens.map((token) => {
    const entry = { token, logprob: -0.1, bytes: [...Buffer.from(token)] };
    return { ...entry, top_logprobs: chat.top_logprobs ? [entry] : [] };
  });
  return { content, refusal: null };
}

function toolCallsOf(calls: DemoAnswer['calls'], choice: number): object[] {
  return calls.map((call, index) => ({ id: `call_demo_${choice}_${index}`, type: 'function', function: call }));
}

async function whole(
  response: ServerResponse,
  chat: ChatRequest,
  answers: readonly Tokens[],
  fault: DemoFault | null,
  gone: AbortSignal,
): Promise<void> {
  const choices = answers.map(({ text, calls, finish }, index) => ({
    index,
    message: {
      role: 'assistant',
      content: calls.length > 0 ? null : text.join(''),
      refusal: null,
      ...(calls.length > 0 ? { tool_calls: toolCallsOf(calls, index) } : {}),
    },
    logprobs: logprobsOf(chat, text),
    finish_reason: finish,
  }));
  const body = JSON.stringify({
    ...identity(chat),
    object: 'chat.completion',
    choices,
    usage: usageOf(chat, answers),
  });
  if (fault === 'slow') await wait(SLOW_FIRST_MS, undefined, { signal: gone });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  if (fault === 'garbage') response.end('#'.repeat(Buffer.byteLength(body)));
  else if (fault === 'cut' || fault === 'stall') {
    response.write(body.slice(0, body.length / 2));
    if (fault === 'cut') setImmediate(() => response.destroy());
  } else response.end(body);
}

async function stream(
  response: ServerResponse,
  chat: ChatRequest,
  answers: readonly Tokens[],
  fault: DemoFault | null,
  gone: AbortSignal,
): Promise<void> {
  const pause = (ms: number): Promise<void> => wait(ms, undefined, { signal: gone });
  const send = (choices: readonly object[], rest: object = {}): void => {
    response.write(toFrame({ ...identity(chat), object: 'chat.completion.chunk', choices, ...rest }));
  };
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
  if (fault === 'slow') await pause(SLOW_FIRST_MS);
  let sent = 0;
  for (const [index, { text, calls, finish }] of answers.entries()) {
    send([choiceOf(index, { role: 'assistant', content: calls.length > 0 ? null : '' })]);
    for (const token of text) {
      if (sent === TOKENS_BEFORE_FAULT && isMidFault(fault)) return breakOff(response, fault);
      await pause(fault === 'slow' ? SLOW_TOKEN_MS : TOKEN_MS);
      send([choiceOf(index, { content: token }, logprobsOf(chat, [token]))]);
      sent++;
    }
    const toolCalls = toolCallsOf(calls, index).map((call, order) => ({ index: order, ...call }));
    if (toolCalls.length > 0) send([choiceOf(index, { tool_calls: toolCalls })]);
    send([choiceOf(index, {}, null, finish)]);
  }
  if (chat.stream_options?.include_usage) send([], { usage: usageOf(chat, answers) });
  response.end(fault === 'no-done' ? undefined : DONE_FRAME);
}

function choiceOf(index: number, delta: object, logprobs: object | null = null, finish: string | null = null): object {
  return { index, delta, logprobs, finish_reason: finish };
}

function isMidFault(fault: DemoFault | null): fault is 'cut' | 'stall' | 'garbage' {
  return fault === 'cut' || fault === 'stall' || fault === 'garbage';
}

function breakOff(response: ServerResponse, fault: 'cut' | 'stall' | 'garbage'): void {
  if (fault === 'cut') response.destroy();
  if (fault === 'garbage') response.end('data: {"choices":[{"delta":{"content": \n\n');
}
