import { createParser } from 'eventsource-parser';
import type { Dispatcher } from 'undici';

/** What a caller has in hand. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  text: string;
  /** When the first text came, by the clock of `performance`. */
  firstTextAt: number | null;
  /** Arguments of the tool call. */
  args: string;
  model: string | null;
  hasUsage: boolean;
  /** The stream ended with `[DONE]`, as every good one does. */
  isDone: boolean;
  /** Of the error, if there is one. */
  code: string | null;
  /** Numbers of the events, of resumable streams. */
  readonly ids: string[];
  /** Of what is no stream. */
  json: Json;
}

type Json = Readonly<Record<string, unknown>>;

/** An answer that is being read. */
export interface AnswerReader {
  readonly answer: ReadAnswer;
  /** Reads on until this many characters are there, or the end. */
  until(chars: number): Promise<void>;
  /** Reads to the end of the body: `[DONE]` is noted, not needed. @throws when it breaks off, or holds no JSON */
  finish(): Promise<ReadAnswer>;
  /** Closes the connection. */
  leave(): void;
}

/** Reads an answer to a chat call, streamed or whole, from its head on; of what is no chat answer the JSON alone. */
export function createAnswerReader({
  statusCode,
  headers,
  body,
}: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>): AnswerReader {
  const answer = emptyAnswer(statusCode, headers);
  const isStream = String(headers['content-type']).startsWith('text/event-stream');
  const parser = createParser({ onEvent: ({ data, id }) => hear(data, id, answer) });
  const decoder = new TextDecoder();
  const reads = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  let whole = '';
  const readOn = async (): Promise<boolean> => {
    const { done, value } = await reads.next();
    if (done) return false;
    const text = decoder.decode(value, { stream: true });
    if (isStream) parser.feed(text);
    else whole += text;
    return true;
  };
  return {
    answer,
    async until(chars) {
      while (answer.text.length < chars && (await readOn()));
    },
    async finish() {
      while (await readOn());
      if (whole !== '') hearWhole(whole, answer);
      return answer;
    },
    leave() {
      body.on('error', () => undefined);
      body.destroy();
    },
  };
}

/** An answer of which nothing but its head is there. */
export function emptyAnswer(status: number, headers: Dispatcher.ResponseData['headers']): ReadAnswer {
  const nothing = { text: '', firstTextAt: null, args: '', model: null, hasUsage: false, isDone: false, code: null };
  return { status, headers, ...nothing, ids: [], json: {} };
}

interface Message {
  readonly content?: string | null;
  readonly tool_calls?: readonly { readonly function: { readonly arguments?: string } }[];
}

interface Wire {
  readonly error?: { readonly code: string | null };
  readonly model?: string;
  readonly usage?: object | null;
  readonly choices?: readonly { readonly delta?: Message; readonly message?: Message }[];
}

function hear(data: string, id: string | undefined, answer: ReadAnswer): void {
  if (id !== undefined) answer.ids.push(id);
  if (data === '[DONE]') answer.isDone = true;
  else take(JSON.parse(data) as Wire, answer);
}

function hearWhole(text: string, answer: ReadAnswer): void {
  if (!String(answer.headers['content-type']).startsWith('application/json')) return;
  answer.json = JSON.parse(text) as Json;
  take(answer.json, answer);
}

function take({ error, model, usage, choices }: Wire, answer: ReadAnswer): void {
  if (error) answer.code = String(error.code);
  answer.model = model ?? answer.model;
  answer.hasUsage ||= Boolean(usage);
  const choice = choices?.[0];
  const { content, tool_calls: calls } = choice?.delta ?? choice?.message ?? {};
  if (content) answer.firstTextAt ??= performance.now();
  answer.text += content ?? '';
  answer.args += calls?.[0]?.function.arguments ?? '';
}
