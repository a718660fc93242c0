import type { Readable } from 'node:stream';
import type { Timeouts } from '../config/config.ts';
import type { Dialect, ModelFacts, UpstreamRequest } from '../dialects/dialect.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import { type Delta, isMeaningful } from '../protocol/delta.ts';
import { AttemptError, fail } from '../protocol/failure.ts';
import { parseJson } from '../protocol/json.ts';
import { createEventReader } from '../protocol/sse.ts';
import type { Provider } from '../providers/provider.ts';
import type { Answer, UpstreamClient } from './client.ts';
import { toUpstreamFailure } from './network-failure.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

/** A whole answer with generated images stays below; more is a runaway upstream. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 256 * 1024;
/** What may still come after the end of an answer, so that its connection can be used again. */
const MAX_REST_BYTES = 64 * 1024;

export interface Exchange {
  readonly client: UpstreamClient;
  readonly provider: Provider;
  readonly apiKey: string | null;
  readonly dialect: Dialect;
  readonly facts: ModelFacts;
  readonly chat: ChatRequest;
  /** The chat, translated. */
  readonly message: UpstreamRequest;
  readonly timeouts: Timeouts;
  /** Aborts the call; its reason is what the generator throws. */
  readonly signal: AbortSignal;
}

/**
 * Sends one request and yields what comes back, one batch per network read, a whole answer as one batch.
 * @throws AttemptError for everything the provider or the network did wrong; the signal's reason after an abort
 */
export async function* runExchange(exchange: Exchange): AsyncGenerator<readonly Delta[], void, undefined> {
  const watchdog = createWatchdog(exchange.signal);
  let isWhole = false;
  try {
    if (exchange.chat.stream) yield* readStream(exchange, watchdog);
    else yield await readWhole(exchange, watchdog);
    isWhole = true;
  } catch (error) {
    throw watchdog.signal.aborted ? watchdog.signal.reason : toUpstreamFailure(error, 'interrupted');
  } finally {
    watchdog.stop();
    // Whoever stops listening early closes the connection with it.
    if (!isWhole) watchdog.abort(null);
  }
}

async function* readStream(exchange: Exchange, watchdog: Watchdog): AsyncGenerator<readonly Delta[], void, undefined> {
  const { firstTokenMs, idleMs } = exchange.timeouts;
  watchdog.expect('no first token', firstTokenMs);
  const { body } = await open(exchange, watchdog);
  const parser = createParser(exchange);
  for await (const bytes of body.iterator({ destroyOnReturn: false })) {
    const batch = parser.read(bytes);
    // Comments and role chunks are no token: until the first one, the first deadline goes on.
    if (parser.hasSpoken) watchdog.pause();
    if (batch.length > 0) yield batch;
    if (parser.isDone) break;
    if (parser.hasSpoken) watchdog.expect('nothing more', idleMs);
  }
  yield parser.end();
  letGo(body);
}

interface Parser {
  /** True from the first token on. */
  readonly hasSpoken: boolean;
  /** True when the provider said that nothing more will come. */
  readonly isDone: boolean;
  read(bytes: Uint8Array): readonly Delta[];
  end(): readonly Delta[];
}

/** Bytes to batches: all that happens to a read happens in one turn. */
function createParser({ dialect, chat, facts }: Exchange): Parser {
  const events = createEventReader();
  const reader = dialect.stream(chat, facts);
  let hasSpoken = false;
  const step = (data: readonly string[]): readonly Delta[] => {
    // Paced streams have one event per read: its deltas are the batch as they are.
    const batch = data.length === 1 ? reader.read(data[0] ?? '') : data.flatMap((event) => reader.read(event));
    hasSpoken ||= batch.some(isMeaningful);
    return batch;
  };
  return {
    get hasSpoken() {
      return hasSpoken;
    },
    get isDone() {
      return reader.isDone;
    },
    read: (bytes) => step(events.read(bytes)),
    end: () => [...step(events.end()), ...reader.end()],
  };
}

async function readWhole(exchange: Exchange, watchdog: Watchdog): Promise<readonly Delta[]> {
  const { dialect, chat, facts } = exchange;
  watchdog.expect('no whole answer', exchange.timeouts.responseMs);
  const { body } = await open(exchange, watchdog);
  // OpenRouter pads with white space to keep the connection alive; JSON.parse does not mind.
  const text = await readText(body, MAX_ANSWER_BYTES);
  const parsed = parseJson(text);
  if (parsed === undefined) fail('server', `The provider answered with no JSON: ${text.slice(0, 200)}`);
  return dialect.response(parsed, chat, facts);
}

/** Sends the request and waits for a good head. */
async function open(exchange: Exchange, watchdog: Watchdog): Promise<Answer> {
  const { client, provider, apiKey, message, dialect } = exchange;
  const options = {
    connectMs: exchange.timeouts.connectMs,
    isStream: exchange.chat.stream === true,
    signal: watchdog.signal,
  };
  const answer = await client.send(provider, apiKey, message, options).catch((error: unknown) => {
    throw toUpstreamFailure(error, 'unreachable');
  });
  if (answer.statusCode === 200) return answer;
  const text = await readText(answer.body, MAX_ERROR_BYTES);
  if (answer.statusCode > 200 && answer.statusCode < 400) {
    fail('server', `The provider answered HTTP ${answer.statusCode} instead of an answer: check its base_url.`);
  }
  throw new AttemptError(dialect.failure(answer.statusCode, answer.headers, text));
}

async function readText(body: Readable, limit: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > limit) fail('server', `The provider sent an answer larger than ${limit} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Reads the little that may follow an answer's end, else the connection could not be used again. */
function letGo(body: Answer['body']): void {
  if (body.readableEnded) return;
  // The answer is whole: how its connection ends concerns nobody any more.
  body.dump({ limit: MAX_REST_BYTES, signal: AbortSignal.timeout(1000) }).catch(() => body.destroy());
}
