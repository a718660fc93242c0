import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRecord, type JsonRecord, parseJson, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { dialectFor } from '../languages/replay-dialects.ts';
import { ONE_ATTEMPT, openGateway, type TestGateway } from '../support/gateway.ts';
import { forbiddenToolsOf, loadRecordings, type Recording } from '../support/recordings.ts';
import { replayStream } from '../support/replay.ts';
import { reportsFailure } from '../support/reported-failure.ts';
import { schemas } from '../support/schemas.ts';
import { checkStream } from '../support/stream-rules.ts';
import { createUpstream, type TestUpstream, type UpstreamAnswer } from '../support/upstream.ts';

/** Each byte costs a write and an event-loop turn: above this size the pieces of 1 byte are left out. */
const MAX_SINGLE_BYTES = 30_000;
/** The upstream frames and compresses its answers itself. */
const OWN_HEADERS = ['connection', 'content-encoding', 'content-length', 'transfer-encoding'];

interface Replay {
  readonly recording: Recording;
  readonly model: string;
}

const recordings = loadRecordings();
const replays = (recordings ?? []).flatMap((recording) =>
  modelsFor(recording).map((model): [string, Replay] => [`${recording.name} as ${model}`, { recording, model }]),
);
const counts = new Map<string, number>();
let upstream: TestUpstream;
let gateway: TestGateway;

/** The models below that are served by what the recording speaks. */
function modelsFor({ api, provider }: Recording): readonly string[] {
  if (api === 'sonar') return ['perplexity', 'compatible'];
  if (api === 'responses') return ['responses'];
  if (api === 'chat') return [provider === 'openrouter' ? 'openrouter' : 'openai'];
  return [api === 'agent' ? 'perplexity' : 'gemini'];
}

const PATHS: Readonly<Record<string, RegExp>> = {
  openai: /^\/v1\/chat\/completions$/,
  responses: /^\/v1\/responses$/,
  openrouter: /^\/api\/v1\/chat\/completions$/,
  perplexity: /^\/v1\/agent$/,
  compatible: /^\/chat\/completions$/,
  gemini: /^\/v1beta\/models\/upstream-model:(generateContent|streamGenerateContent\?alt=sse)$/,
};

function configuration(url: string): string {
  const kinds = ['openai', 'openrouter', 'perplexity', 'gemini'];
  const providers = kinds.map((kind) => `  ${kind}: { kind: ${kind}, base_url: "${url}", api_key: key }\n`);
  const models = [...kinds, 'compatible'].map((name) => `  ${name}: { provider: ${name}, upstream: upstream-model }\n`);
  return (
    `providers:\n${providers.join('')}  compatible: { kind: openai-compatible, base_url: "${url}" }\n` +
    `models:\n${models.join('')}  responses: { provider: openai, upstream: gpt-x, tools_endpoint: responses }\n` +
    ONE_ATTEMPT
  );
}

describe.skipIf(recordings === null)('recorded answers through sockets (skipped unless RECORDINGS_DIR is set)', () => {
  beforeAll(async () => {
    upstream = await createUpstream();
    gateway = await openGateway(configuration(upstream.url));
  });

  afterAll(async () => {
    await gateway.close();
    await upstream.close();
    const lines = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([what, number]) => `  ${what}: ${number}`);
    const cuts = `whole and in pieces of 1, 7 and 1000 bytes (those above ${MAX_SINGLE_BYTES} bytes not in single bytes)`;
    process.stdout.write(`Recorded answers served over HTTP, ${cuts}:\n${lines.join('\n')}\n`);
  });

  const ofKind = (kind: Recording['kind']) => replays.filter(([, { recording }]) => recording.kind === kind);

  it.each(ofKind('stream'))(
    '%s reaches the client as a strict SSE stream, however it is cut',
    async (_name, replay) => {
      const outcomes = await askInPieces(replay, true);
      const [whole] = outcomes;
      if (reportsFailure(replay.recording)) {
        expectTrueFailure(outcomes, replay.recording);
        return count(replay, 'failing streams');
      }
      expect(whole).toMatchObject({ status: 200, error: null });
      for (const outcome of outcomes) expect(outcome).toEqual(whole);
      count(replay, 'streams');
    },
  );

  it.each(ofKind('json'))(
    '%s reaches the client as a strict whole chat.completion, however it is cut',
    async (_name, replay) => {
      const outcomes = await askInPieces(replay, false);
      const [whole] = outcomes;
      for (const outcome of outcomes) expect(outcome).toEqual(whole);
      const isFailure = reportsFailure(replay.recording);
      expect(isFailure).toBe(isRecord(whole?.error));
      count(replay, isFailure ? 'failing whole answers' : 'whole answers');
    },
  );

  it.each(ofKind('error'))('%s reaches the client as an error with a documented code', async (_name, replay) => {
    for (const isStream of [true, false]) {
      for (const outcome of await askInPieces(replay, isStream)) expectContract(outcome, replay.recording);
    }
    count(replay, 'errors');
  });
});

/** What the client has in its hands, without what differs from call to call. */
interface Outcome {
  readonly status: number;
  readonly error: JsonRecord | null;
  readonly answer: unknown;
  /** Whether something was said before the error. */
  readonly hasBegun: boolean;
}

async function askInPieces({ recording, model }: Replay, isStream: boolean): Promise<Outcome[]> {
  const { length } = recording.body;
  const sizes = [length, 1000, 7, ...(length <= MAX_SINGLE_BYTES ? [1] : [])];
  const outcomes: Outcome[] = [];
  for (const pieceBytes of sizes) {
    upstream.answer(toAnswer(recording, Math.max(1, pieceBytes)));
    outcomes.push(await ask(model, isStream, forbiddenToolsOf(recording)));
    expect(upstream.requests.at(-1)?.path).toMatch(PATHS[model] ?? /$./);
  }
  return outcomes;
}

function toAnswer({ status, headers, body, kind }: Recording, pieceBytes: number): UpstreamAnswer {
  const kept = Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name));
  const type = kind === 'stream' ? 'text/event-stream' : 'application/json';
  return { status, headers: { 'content-type': type, ...Object.fromEntries(kept) }, body, pieceBytes };
}

const TOOL = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: {} } } };

async function ask(model: string, isStream: boolean, forbidden: object): Promise<Outcome> {
  const tools = model === 'responses' ? { tools: [TOOL] } : {};
  const streaming = isStream ? { stream: true, stream_options: { include_usage: true } } : {};
  const response = await gateway.chat({ model, ...tools, ...forbidden, ...streaming });
  const text = await response.text();
  const { status } = response;
  if (status !== 200) return toError(response, text);
  expect(response.headers.get('x-sluice-model')).toBe(model);
  if (!isStream) return { status, error: null, answer: toCompletion(text), hasBegun: true };
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const isFailed = !text.endsWith('data: [DONE]\n\n');
  const answer = checkStream(text, { includeUsage: true, isFailed });
  return { status, error: answer.error, answer: withoutIds(answer), hasBegun: hasSpoken(text) };
}

function toError(response: Response, text: string): Outcome {
  const body = parseJson(text);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(schemas?.error(body) ?? null).toBeNull();
  if (response.status === 429 || response.status === 503) {
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  }
  return { status: response.status, error: recordOf(recordOf(body)['error']), answer: null, hasBegun: false };
}

function toCompletion(text: string): unknown {
  const body = parseJson(text);
  expect(schemas?.completion(body) ?? null).toBeNull();
  return withoutIds({ ...recordOf(body), id: null, created: null });
}

/** Ids of calls that the provider did not name are ours, and new each time. */
function withoutIds(answer: object): unknown {
  return JSON.parse(JSON.stringify(answer, (key, value: unknown) => (key === 'id' ? null : value)));
}

function hasSpoken(sse: string): boolean {
  const chunks = sse.split('\n').map((line) => recordOf(parseJson(line.replace(/^data: /, ''))));
  const deltas = chunks.flatMap(({ choices }) => recordsOf(choices).map(({ delta }) => recordOf(delta)));
  return deltas.some((delta) => Object.entries(delta).some(([key, value]) => key !== 'role' && !isNothing(value)));
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/**
 * Before the first token an error has its status and a JSON body; after it, it is the last event: also where both came
 * in one read.
 */
function expectTrueFailure(outcomes: readonly Outcome[], { api, body }: Recording): void {
  const speaks = hasSpoken(replayStream(dialectFor(api), body).text ?? '');
  const [whole] = outcomes;
  expect(whole?.error).not.toBeNull();
  expect([whole?.status === 200, whole?.hasBegun]).toEqual([speaks, speaks]);
  for (const outcome of outcomes) expect(outcome).toEqual(whole);
}

/** Status and code that a provider's status may become; a 400 may mean several things, and keeps its own code. */
const CONTRACT: Readonly<Record<number, RegExp>> = {
  400: /^(400 .*|404 model_not_found|502 upstream_unauthorized)$/,
  401: /^502 upstream_unauthorized$/,
  402: /^402 insufficient_quota$/,
  403: /^(502 upstream_unauthorized|502 upstream_error|400 .*)$/,
  404: /^(404 model_not_found|400 .*)$/,
  413: /^400 .*$/,
  422: /^400 .*$/,
  429: /^429 (rate_limit_exceeded|insufficient_quota)$/,
  503: /^503 upstream_overloaded$/,
};

function expectContract({ status, error }: Outcome, recording: Recording): void {
  expect(`${status} ${error?.['code']}`).toMatch(CONTRACT[recording.status] ?? /^502 upstream_error$/);
  expect(error?.['message']).not.toBe('');
}

function count({ recording, model }: Replay, what: string): void {
  const key = `${recording.provider} as ${model}, ${what}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
