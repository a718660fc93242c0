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

async function readWhole(exchange: Exchange, watchdog: Watchdog): Promise<readonly Delta[]> {
  watchdog.expect('no whole answer', exchange.timeouts.responseMs);
  const answer = await open(exchange, watchdog);
  // OpenRouter pads with white space to keep the connection alive; JSON.parse does not mind.
  const text = await readText(answer.body, MAX_ANSWER_BYTES);
  const body = parseJson(text);
  if (body === undefined) fail('server', `The provider answered with no JSON: ${text.slice(0, 200)}`);
  return exchange.dialect.response(body, exchange.chat, exchange.facts);
}

async function* readStream(exchange: Exchange, watchdog: Watchdog): AsyncGenerator<readonly Delta[], void, undefined> {
  const { timeouts } = exchange;
  watchdog.expect('no first token', timeouts.firstTokenMs);
  const answer = await open(exchange, watchdog);
  const events = createEventReader();
  const reader = exchange.dialect.stream(exchange.chat, exchange.facts);
  let hasSpoken = false;
  const step = (data: readonly string[]): Delta[] => {
    const batch: Delta[] = [];
    for (const event of data) for (const delta of reader.read(event)) batch.push(delta);
    hasSpoken ||= batch.some(isMeaningful);
    return batch;
  };
  const rest = answer.body.iterator({ destroyOnReturn: false });
  for await (const bytes of rest) {
    const batch = step(events.read(bytes));
    // Comments and role chunks are no token: until the first one, the first deadline goes on.
    if (hasSpoken) watchdog.pause();
    if (batch.length > 0) yield batch;
    if (reader.isDone) break;
    if (hasSpoken) watchdog.expect('nothing more', timeouts.idleMs);
  }
  yield [...step(events.end()), ...reader.end()];
  letGo(answer.body);
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
