import { describe, onTestFinished } from 'vitest';
import { type JsonRecord, parseJson, recordOf, recordsOf, stringOf } from '../../src/protocol/json.ts';
import { ENGINES } from '../conversations/threads.ts';
import { chatCompletion, chatStream, firstWordBytes } from './chat-answers.ts';
import { configFor, openGateway, type TestGateway } from './gateway.ts';
import { createUpstream, type TestUpstream, type UpstreamAnswer } from './upstream.ts';

export type CreateUrl = () => string | Promise<string>;

/** Runs the same tests over SQLite and over Postgres. */
export function describeOnEngines(name: string, tests: (createUrl: CreateUrl) => void): void {
  describe.each(ENGINES)(`${name} on %s`, (_engine, isSkipped, createUrl) => {
    describe.skipIf(isSkipped)('the gateway', () => tests(createUrl));
  });
}

/** What is unlike the usual configuration: blocks in YAML's flow style. */
export interface StoredSettings {
  readonly server?: string;
  readonly responses?: string;
  readonly conversations?: string;
  readonly more?: string;
}

/** A gateway that keeps answers, its provider, and two clients that must not meet. */
export interface StoredScene {
  readonly gateway: TestGateway;
  readonly upstream: TestUpstream;
  readonly a: StoredClient;
  readonly b: StoredClient;
}

const KEYS = 'auth: { keys: [{ name: a, key: key-a }, { name: b, key: key-b }] }\n';

/** Starts it over this database; ended with the test. */
export async function openScene(url: string, settings: StoredSettings = {}): Promise<StoredScene> {
  const upstream = await createUpstream();
  upstream.answer(answering((number) => `answer ${number}`));
  const gateway = await openGateway(storedConfig(upstream.url, url, settings));
  onTestFinished(async () => {
    await gateway.close();
    await upstream.close();
  });
  return { gateway, upstream, a: clientOf(gateway.url, 'key-a'), b: clientOf(gateway.url, 'key-b') };
}

export function storedConfig(upstreamUrl: string, databaseUrl: string, settings: StoredSettings = {}): string {
  const { server = '{ drain: 0ms }', responses = '{}', conversations = '{}', more = '' } = settings;
  const blocks = `server: ${server}\nresponses: ${responses}\nconversations: ${conversations}\n${more}`;
  return configFor(upstreamUrl, `${KEYS}${blocks}\ndatabase: { url: ${JSON.stringify(databaseUrl)} }`);
}

/** A provider that says this, streamed or whole as it is asked. */
export function answering(say: (number: number) => string) {
  return ({ body }: { readonly body: unknown }, number: number): UpstreamAnswer =>
    recordOf(body)['stream'] === true ? chatStream(...say(number).split(/(?<= )/)) : chatCompletion(say(number));
}

/** A stream that stops after its first word, until it is released. */
export function stalling(...words: readonly string[]): UpstreamAnswer {
  const answer = chatStream(...words);
  return { ...answer, stallAfterBytes: firstWordBytes(answer) };
}

/** An answer of the gateway: a body that is JSON, whatever its status. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonRecord;
  /** Of the body; empty where it has none. */
  readonly id: string;
  readonly error: JsonRecord;
  /** Ids of the entries of a list. */
  readonly ids: readonly string[];
}

/** A client with a key of its own. */
export interface StoredClient {
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<StoredAnswer>;
  /** `POST /v1/responses` to the model `m`. */
  create(body: object, headers?: Readonly<Record<string, string>>): Promise<StoredAnswer>;
  get(path: string): Promise<StoredAnswer>;
  /** The response is read by the caller. */
  open(method: string, path: string, body?: unknown, init?: RequestInit): Promise<Response>;
}

export function clientOf(url: string, key: string): StoredClient {
  const open: StoredClient['open'] = (method, path, body, { headers, ...init } = {}) =>
    fetch(`${url}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(headers as Record<string, string>) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...init,
    });
  const ask: StoredClient['ask'] = async (method, path, body, headers = {}) =>
    toAnswer(await open(method, path, body, { headers }));
  return {
    ask,
    open,
    create: (body, headers) => ask('POST', 'responses', { model: 'm', ...body }, headers),
    get: (path) => ask('GET', path),
  };
}

async function toAnswer(response: Response): Promise<StoredAnswer> {
  const body = recordOf(parseJson(await response.text()));
  return {
    status: response.status,
    headers: response.headers,
    body,
    id: stringOf(body['id']) ?? '',
    error: recordOf(body['error']),
    ids: recordsOf(body['data']).map(({ id }) => String(id)),
  };
}

/** What a response, or a list of items, says in words. */
export function wordsOf(items: unknown): readonly string[] {
  return recordsOf(items).map(({ content }) =>
    recordsOf(content)
      .map(({ text }) => text)
      .join(''),
  );
}

/** What the provider was told in its last request: `role: text`. */
export function toldTo({ requests }: TestUpstream): readonly string[] {
  const messages = recordsOf(recordOf(requests.at(-1)?.body)['messages']);
  return messages.map(
    ({ role, content }) => `${role}: ${typeof content === 'string' ? content : wordsOf([{ content }])}`,
  );
}

/** The events of a stream, which ends with `[DONE]`; throws where that is missing, or a number. */
export function eventsOf(text: string): readonly JsonRecord[] {
  const frames = text.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'));
  if (frames.pop() !== 'data: [DONE]') throw new Error(`The stream has no [DONE] at its end: ${text.slice(-200)}`);
  const events = frames.map((frame) => recordOf(parseJson(/^data: (.*)$/m.exec(frame)?.[1] ?? '')));
  events.forEach((event, at) => {
    if (event['sequence_number'] === Number(events[0]?.['sequence_number']) + at) return;
    throw new Error(`The events are not numbered in a row: ${frames[at]}`);
  });
  return events;
}

/** The types of events, those that come several times in a row once. */
export function typesOf(events: readonly JsonRecord[]): readonly string[] {
  const types = events.map(({ type }) => String(type).replace('response.', ''));
  return types.filter((type, at) => type !== types[at - 1]);
}
