import type { Timeouts } from '../config/config.ts';
import type { Dialect, ModelFacts, UpstreamRequest } from '../languages/dialect.ts';
import type { OnBatch } from '../protocol/delta.ts';
import { fail } from '../protocol/failure.ts';
import { parseJson } from '../protocol/json.ts';
import type { Tally } from '../protocol/tally.ts';
import { type BodyReading, drainForReuse, readBody, readText } from './body.ts';
import type { UpstreamClient } from './client.ts';
import { ExchangeGuard, type GuardedExchange } from './exchange-guard.ts';
import { openAnswer } from './opening.ts';
import type { Body } from './receiver.ts';
import { StreamParser } from './stream-parser.ts';
import type { Watchdog } from './watchdog.ts';

/** How long a client waits for the count of an answer that has said all: it would rather have an estimate. */
const USAGE_MS = 2000;

/** One request, and all that is needed to send it and to read its answer. */
export interface Exchange extends GuardedExchange {
  readonly client: UpstreamClient;
  readonly apiKey: string | null;
  readonly dialect: Dialect;
  readonly facts: ModelFacts;
  /** The request, translated. */
  readonly message: UpstreamRequest;
  readonly timeouts: Timeouts;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Sends one request and tells what comes back: a stream by one batch per network read, a whole answer as one. An answer
 * that ends without being whole is a failure as well.
 * @throws AttemptError for everything the provider or the network did wrong; the signal's reason after an abort;
 * whatever `onBatch` throws
 */
export function runExchange(exchange: Exchange, onBatch: OnBatch): Promise<void> {
  const guard = new ExchangeGuard(exchange, onBatch);
  return exchange.request.isStream ? readStream(exchange, guard) : readWhole(exchange, guard);
}

async function readStream(exchange: Exchange, guard: ExchangeGuard): Promise<void> {
  const { dialect, request, facts, timeouts } = exchange;
  const parser = new StreamParser(dialect.stream(request, facts));
  try {
    guard.watchdog.expect('no first token', timeouts.firstTokenMs);
    const body = await open(exchange, guard.watchdog);
    await readBody(body, new StreamReading(parser, guard, exchange));
    await guard.deliver(parser.end());
    drainForReuse(body);
    guard.finish();
  } catch (error) {
    await guard.finishAfterError(error, () => parser.lost());
  } finally {
    guard.close();
  }
}

/** Tells a stream, read by read. */
class StreamReading implements BodyReading {
  readonly #parser: StreamParser;
  readonly #guard: ExchangeGuard;
  readonly #tally: Tally;
  readonly #idleMs: number;
  readonly #choiceCount: number;
  #isFinished = false;
  readonly #expectMore = (): void => {
    // Comments and role chunks are no token: until the first one, the first deadline goes on.
    if (this.#tally.hasContent()) this.#guard.watchdog.expect('nothing more', this.#idleMs);
  };

  constructor(parser: StreamParser, guard: ExchangeGuard, { tally, timeouts, request }: Exchange) {
    this.#parser = parser;
    this.#guard = guard;
    this.#tally = tally;
    this.#idleMs = timeouts.idleMs;
    this.#choiceCount = request.choiceCount;
  }

  read(bytes: Buffer): Promise<unknown> | undefined {
    const full = this.#guard.deliver(this.#parser.read(bytes))?.then(this.#expectMore);
    // Where the answer ends with this read it is not waited for, and the client may leave all the same.
    full?.catch(() => undefined);
    this.#parser.refuse();
    this.#watchFinish();
    if (!full) this.#expectMore();
    else this.#guard.watchdog.pause();
    return full;
  }

  isEnough(): boolean {
    return this.#parser.isDone();
  }

  /** From the last finish reason on there is one deadline, which nothing that still comes restarts. */
  #watchFinish(): void {
    const isFinished = this.#parser.isFinished() && this.#tally.choiceCount() >= this.#choiceCount;
    if (isFinished === this.#isFinished) return;
    this.#isFinished = isFinished;
    if (isFinished) this.#guard.watchdog.expectLast('no usage', USAGE_MS);
    else this.#guard.watchdog.cancelLast();
  }
}

async function readWhole(exchange: Exchange, guard: ExchangeGuard): Promise<void> {
  const { dialect, request, facts } = exchange;
  try {
    guard.watchdog.expect('no whole answer', exchange.timeouts.responseMs);
    // OpenRouter pads with white space to keep the connection alive; JSON.parse does not mind.
    const text = await readText(await open(exchange, guard.watchdog));
    const parsed = parseJson(text);
    if (parsed === undefined) fail('server', `The provider answered with no JSON: ${text.slice(0, 200)}`);
    const deltas = dialect.response(parsed, request, facts);
    const full = guard.deliver({ deltas, native: dialect.isNative ? [text] : null });
    if (full) await full;
    guard.finish();
  } catch (error) {
    guard.count(error);
    throw guard.reasonOf(error);
  } finally {
    guard.close();
  }
}

function open(exchange: Exchange, watchdog: Watchdog): Promise<Body> {
  const { client, provider, apiKey, message, timeouts, request, dialect, now } = exchange;
  const { failure } = dialect;
  const { isStream } = request;
  return openAnswer({ client, provider, apiKey, message, timeouts, isStream, failure, now }, watchdog);
}
