import { type DestinationStream, type Logger, pino } from 'pino';
import sonicBoom from 'sonic-boom';
import type { Call } from '../calls/call.ts';
import type { LogLevel } from '../config/schema.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { CallContext } from '../routing/call-context.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Observer } from './observer.ts';

/** Lines wait for company: a write for each would cost a busy gateway 15 µs a call. */
const BATCH_CHARS = 16 * 1024;
const BATCH_MS = 200;
/** While stdout takes nothing (a full disk, a reader that is gone), no more than this is kept; the rest is dropped. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** JSON lines on stdout; in a terminal, lines for people. */
export async function createLogger(level: LogLevel, isTerminal: boolean): Promise<Logger> {
  return pino({ level, base: null }, isTerminal ? await prettyStream() : bufferedStdout());
}

function bufferedStdout(): DestinationStream {
  // Not pino's own: that one flushes at exit until it succeeds, and on a full disk the process would never end.
  const stdout = new sonicBoom.SonicBoom({
    fd: 1,
    sync: false,
    maxLength: MAX_KEPT_BYTES,
  });
  let isBroken = false;
  // A log that cannot be written is no reason to stop answering.
  stdout.on('error', () => {
    isBroken = true;
  });
  stdout.on('write', () => {
    isBroken = false;
  });
  const lines = inBatches((text) => void stdout.write(text));
  process.on('exit', () => {
    lines.flush();
    if (!isBroken) stdout.flushSync();
  });
  return lines;
}

/** Not sonic-boom's own buffer: that one measures all it holds with every line, which copies it. */
function inBatches(write: (text: string) => void): DestinationStream & { flush(): void } {
  let waiting = '';
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting !== '') write(waiting);
    waiting = '';
  };
  return {
    write(line) {
      waiting += line;
      if (waiting.length >= BATCH_CHARS) flush();
      else timer ??= setTimeout(flush, BATCH_MS).unref();
    },
    flush,
  };
}

async function prettyStream(): Promise<DestinationStream> {
  // Loaded only for a terminal: it costs 60 ms at start-up.
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
    attemptEnded: (call, attempt) => logAttempt(log, call, attempt),
    callEnded: (call) => logCall(log, call, toRecord(call), withContent()),
  };
}

/** A line for an attempt that failed; those that did not stand in the line of their call. */
function logAttempt(log: Logger, call: CallContext, attempt: Attempt): void {
  const { number, target, keyNumber, rescue, failure, startedAt, endedAt } = attempt;
  if (failure === null) return;
  const took = endedAt === null ? null : Math.round(endedAt - startedAt);
  const { kind, status, message } = failure;
  const keys = target.provider.apiKeys.length;
  log.info(
    {
      id: call.id,
      attempt: number,
      target: target.id,
      ...(keys > 1 ? { provider_key: `${keyNumber} of ${keys}` } : {}),
      ...(rescue ? { rescue } : {}),
      failure: kind,
      status,
      reason: message,
      took_ms: took,
    },
    kind === 'lost-race' ? 'attempt lost its race' : 'attempt failed',
  );
}

/** One line per ended call: what was asked, who answered, what it took. Never a key. */
function logCall(log: Logger, call: Call, record: UsageRecord, withContent: boolean): void {
  const last = call.currentAttempt;
  const line = {
    id: call.id,
    key: call.key.name,
    // What is undefined is not written; a spread of what is there only at times takes 4 µs a call.
    key_hash: call.key.hash ?? undefined,
    org: call.key.org ?? undefined,
    path: call.path,
    asked: call.requestedModel,
    route: call.route,
    model: last?.target.facts.model ?? null,
    provider: last?.target.provider.name ?? null,
    outcome: call.outcome,
    status: call.error?.status ?? call.status,
    error: call.error?.code ?? null,
    attempts: call.attempts.length,
    rescue: record.rescue || undefined,
    stream: call.isStream,
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
    request_bytes: call.kind === 'passed' ? call.requestBytes : undefined,
    response_bytes: call.kind === 'passed' ? call.responseBytes : undefined,
    messages: withContent && call.kind === 'translated' ? call.request.origin.body['messages'] : undefined,
  };
  if (call.outcome === 'failed') logAtOnce(log, 'warn', { ...line, reason: call.error?.message }, 'call');
  else logAtOnce(log, 'info', line, 'call');
}

const { chindingsSym } = pino.symbols;

/**
 * A line with all its fields in one piece. pino puts a line together field by field, which with two dozen of them takes
 * four times as long and leaves 5 KB behind; its documentation offers the symbols for this. What it writes is the same,
 * as long as no field is an error.
 */
function logAtOnce(log: Logger, level: 'info' | 'warn', fields: object, text: string): void {
  if (!log.isLevelEnabled(level)) return;
  // The fields that every line begins with, as JSON after a comma.
  const state = log as unknown as { [chindingsSym]?: string };
  const own = state[chindingsSym] ?? '';
  state[chindingsSym] = `${own},${JSON.stringify(fields).slice(1, -1)}`;
  try {
    log[level](text);
  } finally {
    state[chindingsSym] = own;
  }
}

function since(call: Call, at: number | null): number | null {
  return at === null ? null : Math.round((at - call.receivedAt) * 10) / 10;
}
