import { type DestinationStream, type Logger, pino } from 'pino';
import type { Call } from '../calls/call.ts';
import type { LogLevel } from '../config/schema.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { Course } from '../routing/execute.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Observer } from './observer.ts';

/** Lines wait for company: a write for each would cost a busy gateway 15 µs a call. */
const BUFFER_BYTES = 8192;
const FLUSH_MS = 200;

/** JSON lines on stdout; in a terminal, lines for people. */
export async function createLogger(level: LogLevel, isTerminal: boolean): Promise<Logger> {
  return pino({ level, base: null }, isTerminal ? await prettyStream() : bufferedStdout());
}

function bufferedStdout(): DestinationStream {
  const stdout = pino.destination({ dest: 1, sync: false, minLength: BUFFER_BYTES });
  setInterval(() => stdout.flush(), FLUSH_MS).unref();
  process.on('exit', () => stdout.flushSync());
  return stdout;
}

async function prettyStream(): Promise<DestinationStream> {
  // Loaded only where somebody looks: it costs 60 ms at start-up.
  const { default: pretty } = await import('pino-pretty');
  return pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' });
}

/**
 * @param toRecord what a call comes to: its tokens and its cost
 * @param withContent `log.content`: messages are logged too
 */
export function logObserver(
  log: Logger,
  toRecord: (call: Call) => UsageRecord,
  withContent: () => boolean,
): Required<Omit<Observer, 'attemptBegan'>> {
  return {
    attemptEnded: (course, attempt) => logAttempt(log, course, attempt),
    callEnded: (call) => logCall(log, call, toRecord(call), withContent()),
  };
}

/** A line for an attempt that failed; those that did not stand in the line of their call. */
function logAttempt(log: Logger, course: Course, { number, target, failure, startedAt, endedAt }: Attempt): void {
  if (failure === null) return;
  const took = endedAt === null ? null : Math.round(endedAt - startedAt);
  const { kind, status, message } = failure;
  log.info(
    { id: course.id, attempt: number, target: target.id, failure: kind, status, reason: message, took_ms: took },
    'attempt failed',
  );
}

/** One line per ended call: what was asked, who answered, what it took. Never a key. */
function logCall(log: Logger, call: Call, record: UsageRecord, withContent: boolean): void {
  const last = call.attempts.at(-1);
  const line = {
    id: call.id,
    key: call.key.name,
    asked: call.chat.model,
    route: call.plan.route,
    model: last?.target.facts.model ?? null,
    provider: last?.target.provider.name ?? null,
    outcome: call.outcome,
    status: call.error?.status ?? 200,
    error: call.error?.code ?? null,
    attempts: call.attempts.map(({ target, failure }) => ({ target: target.id, failure: failure?.kind ?? null })),
    stream: call.chat.stream === true,
    ttft_ms: since(call, call.firstTokenAt),
    latency_ms: since(call, call.endedAt),
    prompt_tokens: record.prompt_tokens,
    cached_tokens: record.cached_tokens,
    completion_tokens: record.completion_tokens,
    reasoning_tokens: record.reasoning_tokens,
    usage_source: record.usage_source,
    cost_usd: record.cost_usd,
    cost_source: record.cost_source,
    wasted_tokens: record.wasted_tokens,
    finish_reason: call.finishReason,
    ...(withContent ? { messages: call.chat.messages } : {}),
  };
  if (call.outcome === 'failed') log.warn({ ...line, reason: call.error?.message }, 'call');
  else log.info(line, 'call');
}

function since(call: Call, at: number | null): number | null {
  return at === null ? null : Math.round((at - call.receivedAt) * 10) / 10;
}
