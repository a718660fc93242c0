import { createParser } from 'eventsource-parser';
import type { Dispatcher } from 'undici';

/** What a caller has in hand. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  text: string;
  /** Arguments of the tool call. */
  args: string;
  isDone: boolean;
  /** Of the error, if there is one. */
  code: string | null;
  /** Numbers of the events, of resumable streams. */
  readonly ids: string[];
  /** Of what is no chat answer. */
  json: Json;
}

export type Json = Readonly<Record<string, unknown>>;

/** A stream that is being read. */
export interface Listener {
  readonly answer: Answer;
  /** Reads on until this many characters are there, or the end. */
  until(chars: number): Promise<void>;
  /** Reads to the end. */
  finish(): Promise<Answer>;
  /** Closes the connection. */
  leave(): void;
}

/** Reads an answer of any kind, from its head on. */
export function createListener({
  statusCode,
  headers,
  body,
}: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>): Listener {
  const answer: Answer = {
    status: statusCode,
    headers,
    text: '',
    args: '',
    isDone: false,
    code: null,
    ids: [],
    json: {},
  };
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

interface Message {
  readonly content?: string | null;
  readonly tool_calls?: readonly { readonly function: { readonly arguments?: string } }[];
}

interface Wire {
  readonly error?: { readonly code: string | null };
  readonly choices?: readonly { readonly delta?: Message; readonly message?: Message }[];
}

function hear(data: string, id: string | undefined, answer: Answer): void {
  if (id !== undefined) answer.ids.push(id);
  if (data === '[DONE]') answer.isDone = true;
  else take(JSON.parse(data) as Wire, answer);
}

function hearWhole(text: string, answer: Answer): void {
  if (!String(answer.headers['content-type']).startsWith('application/json')) return;
  answer.json = JSON.parse(text) as Json;
  take(answer.json, answer);
}

function take({ error, choices }: Wire, answer: Answer): void {
  if (error) answer.code = String(error.code);
  const choice = choices?.[0];
  const { content, tool_calls: calls } = choice?.delta ?? choice?.message ?? {};
  answer.text += content ?? '';
  answer.args += calls?.[0]?.function.arguments ?? '';
}
