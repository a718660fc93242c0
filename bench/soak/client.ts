import { setTimeout as wait } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { type AnswerReader, createAnswerReader, type ReadAnswer } from '../../lab/answer-reader.ts';

/** How a request differs from a POST of a chat that nobody hurries. */
export interface Manner {
  readonly path?: string;
  readonly method?: Dispatcher.HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
  readonly signal?: AbortSignal;
}

/** One caller, that makes one call. */
export interface Caller {
  /** Also the call's `x-request-id`. */
  readonly id: string;
  ask(manner: Manner): Promise<ReadAnswer>;
  listen(manner: Manner): Promise<AnswerReader>;
  /** The same caller over new connections: the buffers of one that has carried much have grown. */
  apart(use: (caller: Caller) => Promise<void>): Promise<void>;
  /** Waits until the gateway knows the call, and it is in one of these states. */
  untilState(...states: readonly string[]): Promise<void>;
}

/** A call that hangs is one that went wrong. */
const LONGEST_MS = 20_000;
const POLL_MS = 5;

/** Connections of all callers; closing it closes them. */
export function createClient(): Agent {
  return new Agent({ connections: null, pipelining: 1, headersTimeout: LONGEST_MS, bodyTimeout: LONGEST_MS });
}

export function createCaller(url: string, id: string, dispatcher: Agent): Caller {
  const listen = async ({
    path = '/v1/chat/completions',
    method,
    headers,
    body,
    signal,
  }: Manner): Promise<AnswerReader> => {
    const { statusCode, ...rest } = await request(url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(body !== undefined && { 'content-type': 'application/json', 'x-request-id': id }), ...headers },
      body: typeof body === 'object' ? JSON.stringify(body) : (body ?? null),
      signal: signal ?? null,
      dispatcher,
    });
    return createAnswerReader({ statusCode, ...rest });
  };
  const ask = async (manner: Manner): Promise<ReadAnswer> => (await listen(manner)).finish();
  return {
    id,
    ask,
    listen,
    async apart(use) {
      const own = createClient();
      try {
        await use(createCaller(url, id, own));
      } finally {
        await own.destroy();
      }
    },
    async untilState(...states) {
      const startedAt = performance.now();
      let state: unknown;
      while (performance.now() - startedAt < LONGEST_MS) {
        ({ state } = (await ask({ path: `/v1/requests/${id}` })).json);
        if (states.includes(String(state))) return;
        await wait(POLL_MS);
      }
      throw new Error(`${id} is ${state}, and should be ${states.join(' or ')}.`);
    },
  };
}
