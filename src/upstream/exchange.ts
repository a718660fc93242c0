import type { Readable } from 'node:stream';
import type { Timeouts } from '../config/config.ts';
import type { Dialect, ModelFacts, UpstreamRequest } from '../dialects/dialect.ts';
import { type AnswerCheck, createAnswerCheck } from '../protocol/answer-check.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import { type Delta, isMeaningful } from '../protocol/delta.ts';
import { AttemptError, fail } from '../protocol/failure.ts';
import { parseJson } from '../protocol/json.ts';
import { createEventReader } from '../protocol/sse.ts';
import type { Provider } from '../providers/provider.ts';
import { decodeBody, readErrorText, readText } from './body.ts';
import type { UpstreamClient } from './client.ts';
import { withoutSecrets } from './discretion.ts';
import { toUpstreamFailure } from './network-failure.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

/** Far more than an hour of the fastest model; a stream beyond that has no end. */
const MAX_STREAM_BYTES = 256 * 1024 * 1024;
/** What may still come after the end of an answer, so that its connection can be used again. */
const MAX_REST_BYTES = 64 * 1024;
const REST_MS = 1000;

/** An answer as it comes. */
export type Batches = AsyncGenerator<readonly Delta[], void, undefined>;

/** One request, and all that is needed to send it and to read its answer. */
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
 * Sends one request and yields what comes back, one batch per network read, a whole answer as one batch. An answer
 * that ends without being whole is a failure as well.
 * @throws AttemptError for everything the provider or the network did wrong; the signal's reason after an abort
 */
export function runExchange(exchange: Exchange): Batches {
  // Each generator more in the way of a chunk costs a microsecond: there is no common one around these two.
  return exchange.chat.stream ? readStream(exchange) : readWhole(exchange);
}

async function* readStream(exchange: Exchange): Batches {
  const { firstTokenMs, idleMs } = exchange.timeouts;
  const hearing = createHearing(exchange);
  const { watchdog, check } = hearing;
  const parser = createParser(exchange);
  try {
    watchdog.expect('no first token', firstTokenMs);
    const body = await open(exchange, watchdog);
    for await (const bytes of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const batch = parser.read(bytes);
      // Comments and role chunks are no token: until the first one, the first deadline goes on.
      if (parser.hasSpoken) watchdog.pause();
      check.see(batch);
      if (batch.length > 0) yield batch;
      parser.refuse();
      if (parser.isDone) break;
      if (parser.hasSpoken) watchdog.expect('nothing more', idleMs);
    }
    const last = parser.end();
    check.see(last);
    yield last;
    letGo(body);
    hearing.conclude();
  } catch (error) {
    const rest = hearing.isConnectionLost(error) ? parser.lost() : [];
    check.see(rest);
    // Every choice had its finish reason: what was lost with the connection is no part of the answer.
    if (check.verdict() !== null || check.choiceCount < (exchange.chat.n ?? 1)) throw hearing.reasonOf(error);
    yield rest;
  } finally {
    hearing.close();
  }
}

async function* readWhole(exchange: Exchange): Batches {
  const { dialect, chat, facts } = exchange;
  const hearing = createHearing(exchange);
  try {
    hearing.watchdog.expect('no whole answer', exchange.timeouts.responseMs);
    // OpenRouter pads with white space to keep the connection alive; JSON.parse does not mind.
    const text = await readText(await open(exchange, hearing.watchdog));
    const parsed = parseJson(text);
    if (parsed === undefined) fail('server', `The provider answered with no JSON: ${text.slice(0, 200)}`);
    const batch = dialect.response(parsed, chat, facts);
    hearing.check.see(batch);
    yield batch;
    hearing.conclude();
  } catch (error) {
    throw hearing.reasonOf(error);
  } finally {
    hearing.close();
  }
}

/** What guards an exchange from its beginning to its end. */
interface Hearing {
  readonly watchdog: Watchdog;
  readonly check: AnswerCheck;
  /** The provider has ended. @throws AttemptError when its answer is not whole */
  conclude(): void;
  /** True when the answer ended for want of a connection, or of patience, and not by what was said. */
  isConnectionLost(error: unknown): boolean;
  /** Whoever ended the call has the first word, then what the provider itself said, then the deadline. */
  reasonOf(error: unknown): unknown;
  /** Whoever stops listening early closes the connection with it. */
  close(): void;
}

function createHearing({ signal, provider }: Exchange): Hearing {
  const watchdog = createWatchdog(signal);
  const check = createAnswerCheck();
  let isWhole = false;
  return {
    watchdog,
    check,
    conclude() {
      const failure = check.verdict();
      if (failure) throw new AttemptError(failure);
      isWhole = true;
    },
    isConnectionLost: (error) => (watchdog.signal.aborted ? !signal.aborted : !(error instanceof AttemptError)),
    reasonOf(error) {
      const isOurs = error instanceof AttemptError || !watchdog.signal.aborted;
      const reason = isOurs ? toUpstreamFailure(error, 'interrupted') : watchdog.signal.reason;
      return withoutSecrets(signal.aborted ? signal.reason : reason, provider);
    },
    close() {
      watchdog.stop();
      if (!isWhole) watchdog.abort(null);
    },
  };
}

interface Parser {
  /** True from the first token on. */
  readonly hasSpoken: boolean;
  /** True when the provider said that nothing more will come. */
  readonly isDone: boolean;
  /** What stands before a broken event counts, however the bytes were cut: `refuse` tells of the event. */
  read(bytes: Uint8Array): readonly Delta[];
  /** @throws what was wrong with the last read */
  refuse(): void;
  end(): readonly Delta[];
  /** The same where the connection was lost: an event that is cut in its middle is none. */
  lost(): readonly Delta[];
}

/** Bytes to batches: all that happens to a read happens in one turn. */
function createParser({ dialect, chat, facts }: Exchange): Parser {
  const events = createEventReader();
  const reader = dialect.stream(chat, facts);
  let hasSpoken = false;
  let size = 0;
  let broken: { readonly error: unknown } | null = null;
  const readAll = (data: readonly string[]): readonly Delta[] => {
    const batch: Delta[] = [];
    try {
      // Up to the last event: what comes after it is no part of the answer.
      for (const event of data) {
        if (reader.isDone) break;
        for (const delta of reader.read(event)) batch.push(delta);
      }
    } catch (error) {
      broken = { error };
    }
    return batch;
  };
  const step = (data: readonly string[]): readonly Delta[] => {
    // Paced streams have one event per read: its deltas are the batch as they are.
    const batch = data.length === 1 && !reader.isDone ? reader.read(data[0] ?? '') : readAll(data);
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
    read(bytes) {
      size += bytes.length;
      if (size > MAX_STREAM_BYTES) fail('interrupted', `The provider sent more than ${MAX_STREAM_BYTES} bytes.`);
      return step(events.read(bytes));
    },
    refuse() {
      if (broken) throw broken.error;
    },
    end: () => [...step(events.end()), ...reader.end()],
    lost: () => reader.end(),
  };
}

/** Sends the request and waits for a good head; gives the body behind it. */
async function open(exchange: Exchange, watchdog: Watchdog): Promise<Readable> {
  const { client, provider, apiKey, message, dialect } = exchange;
  const options = {
    connectMs: exchange.timeouts.connectMs,
    isStream: exchange.chat.stream === true,
    signal: watchdog.signal,
  };
  const answer = await client.send(provider, apiKey, message, options).catch((error: unknown) => {
    throw toUpstreamFailure(error, 'unreachable');
  });
  if (answer.statusCode === 200) return decodeBody(answer);
  const text = await readErrorText(answer);
  if (answer.statusCode > 200 && answer.statusCode < 400) {
    fail('server', `The provider answered HTTP ${answer.statusCode} instead of an answer: check its base_url.`);
  }
  throw new AttemptError(dialect.failure(answer.statusCode, answer.headers, text));
}

/** Reads the little that may follow an answer's end, else the connection could not be used again. */
function letGo(body: Readable): void {
  if (body.readableEnded) return;
  let rest = 0;
  const timer = setTimeout(() => body.destroy(), REST_MS);
  body.on('data', (bytes: Buffer) => {
    rest += bytes.length;
    if (rest > MAX_REST_BYTES) body.destroy();
  });
  body.once('close', () => clearTimeout(timer));
  // The answer is whole: how its connection ends concerns nobody any more.
  body.on('error', () => undefined);
}
