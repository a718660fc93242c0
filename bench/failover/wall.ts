import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type Behaviour, type Flaws, faultsOf, type Timing } from './faults.ts';
import { OTHER_WORDS, TEXT, WORDS } from './text.ts';

/** One request as the wall saw it. Times in milliseconds since the scenario began. */
export interface WallAttempt {
  readonly model: string;
  readonly atMs: number;
  readonly promptChars: number;
  readonly lastRole: string;
  readonly status: number | null;
  firstTokenAtMs: number | null;
}

/** A provider that misbehaves on demand: the model's name says how. */
export interface Wall {
  readonly baseUrl: string;
  /** Begins a scenario: its clock and its log. */
  reset(): void;
  attempts(model: string): readonly WallAttempt[];
  /** Milliseconds since the scenario began. */
  elapsed(): number;
  close(): void;
}

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

export async function startWall(timing: Timing): Promise<Wall> {
  const faults = faultsOf(timing);
  let startedAt = performance.now();
  let log: WallAttempt[] = [];
  const elapsed = (): number => performance.now() - startedAt;
  const server = createServer(async (request, response) => {
    const asked = JSON.parse(await readBody(request)) as Asked;
    const number = log.filter(({ model }) => model === asked.model).length + 1;
    const behaviour = faults[asked.model]?.(number, elapsed());
    if (!behaviour) return refuse(response, { kind: 'refuse', status: 404, code: 'model_not_found' });
    const attempt = toAttempt(asked, behaviour, elapsed());
    log.push(attempt);
    await behave(request, response, { asked, behaviour, gapMs: timing.gapMs }, () => {
      attempt.firstTokenAtMs ??= elapsed();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    reset() {
      startedAt = performance.now();
      log = [];
    },
    attempts: (model) => log.filter((attempt) => attempt.model === model),
    elapsed,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function toAttempt({ model, messages }: Asked, behaviour: Behaviour, atMs: number): WallAttempt {
  const promptChars = messages.reduce((sum, { content }) => sum + content.length, 0);
  const status = behaviour.kind === 'refuse' ? behaviour.status : behaviour.kind === 'answer' ? 200 : null;
  return { model, atMs, promptChars, lastRole: messages.at(-1)?.role ?? '', status, firstTokenAtMs: null };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece;
  return body;
}

interface Scene {
  readonly asked: Asked;
  readonly behaviour: Behaviour;
  readonly gapMs: number;
}

async function behave(
  request: IncomingMessage,
  response: ServerResponse,
  { asked, behaviour, gapMs }: Scene,
  spoke: () => void,
): Promise<void> {
  switch (behaviour.kind) {
    case 'refuse':
      return refuse(response, behaviour);
    case 'reset':
      return void request.socket.resetAndDestroy();
    case 'silence':
      await wait(behaviour.ms, undefined, { ref: false });
      return void request.socket.destroy();
    case 'answer': {
      const words = wordsFor(asked, behaviour);
      if (words === null) return refuse(response, { kind: 'refuse', status: 400, code: 'invalid_prefill' });
      if (asked.stream) return streamAnswer(response, asked, { words, flaws: behaviour, gapMs }, spoke);
      return sendAnswer(response, asked, words);
    }
    default:
      throw behaviour satisfies never;
  }
}

function refuse(response: ServerResponse, { status, code, retryAfterSeconds }: Behaviour & { kind: 'refuse' }): void {
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
  response.end(JSON.stringify({ error: { message: `The wall says ${code}.`, type, param: null, code } }));
}

/** The words that are still to be said, each with the space before it; null when the beginning is refused. */
function wordsFor({ messages }: Asked, { isInOtherWords, prefix = 'continued' }: Flaws): readonly string[] | null {
  const spaced = (words: readonly string[]): string[] => words.map((word, at) => (at === 0 ? word : ` ${word}`));
  const all = spaced(isInOtherWords ? OTHER_WORDS : WORDS);
  const last = messages.at(-1);
  if (last?.role !== 'assistant' || prefix === 'ignored') return all;
  if (prefix === 'refused') return null;
  const begun = last.content.trim();
  return TEXT.startsWith(begun) ? spaced(WORDS).slice(begun.split(' ').length) : all;
}

const IDENTITY = { id: 'chatcmpl-wall', created: 1_790_000_000 };

function usageOf(words: readonly string[]): object {
  return { prompt_tokens: 21, completion_tokens: words.length, total_tokens: 21 + words.length };
}

function sendAnswer(response: ServerResponse, { model }: Asked, words: readonly string[]): void {
  const choice = { index: 0, message: { role: 'assistant', content: words.join('') }, finish_reason: 'stop' };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ ...IDENTITY, object: 'chat.completion', model, choices: [choice], usage: usageOf(words) }),
  );
}

interface Speech {
  readonly words: readonly string[];
  readonly flaws: Flaws;
  readonly gapMs: number;
}

async function streamAnswer(
  response: ServerResponse,
  { model, stream_options: options }: Asked,
  { words, flaws, gapMs }: Speech,
  spoke: () => void,
): Promise<void> {
  const write = (choices: readonly object[], rest: object = {}): void => {
    const chunk = { ...IDENTITY, object: 'chat.completion.chunk', model, choices, ...rest };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const choice = (delta: object, finish: string | null = null): object[] => [
    { index: 0, delta, finish_reason: finish },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  if (flaws.firstTokenMs) await wait(flaws.firstTokenMs, undefined, { ref: false });
  write(choice({ role: 'assistant', content: '' }));
  for (const [at, word] of words.entries()) {
    if (at === flaws.cutAfter) return cut(response);
    if (at === flaws.garbageAfter) response.write('data: {"id":"chatcmpl-wall","choices":[{"delta":{"conte\n\n');
    if (at === flaws.stall?.after) {
      await wait(flaws.stall.ms, undefined, { ref: false });
      return cut(response);
    }
    await wait(gapMs);
    write(choice({ content: word }));
    spoke();
  }
  write(choice({}, 'stop'));
  if (options?.include_usage) write([], { usage: usageOf(words) });
  response.end(flaws.isWithoutDone ? undefined : 'data: [DONE]\n\n');
}

/** Ends the connection without the chunk that ends the body, once the kernel has what was written. */
async function cut(response: ServerResponse): Promise<void> {
  await new Promise((resolve) => response.write('', resolve));
  response.destroy();
}
