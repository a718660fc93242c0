import { type FinishReason, sumOfUsage, toUsage, type Usage } from '../../protocol/delta.ts';
import { GatewayError } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import { messageOf, type ResponseStatus } from './client-response.ts';

/** How an answer came to its end. */
export interface ResponseEnding {
  readonly status: ResponseStatus;
  readonly incompleteReason: string | null;
  readonly error: GatewayError | null;
  /** Seconds since the epoch; null unless it is completed. */
  readonly completedAt: number | null;
}

const INCOMPLETE_REASONS: ReadonlyMap<FinishReason, string> = new Map([
  ['length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
]);

/** What a finish reason means; without one the answer failed. @param now milliseconds since the epoch */
export function toEnding(finish: FinishReason | null, now: number): ResponseEnding {
  if (finish === null) {
    return toBrokenOff(new GatewayError('upstream_stream_interrupted', 'The answer ended before it was whole.'));
  }
  const reason = INCOMPLETE_REASONS.get(finish);
  if (reason !== undefined) return { status: 'incomplete', incompleteReason: reason, error: null, completedAt: null };
  return { status: 'completed', incompleteReason: null, error: null, completedAt: Math.floor(now / 1000) };
}

/** The `error` event before the end of a response: nested, with flat copies, for clients of either reading. */
export function toErrorFields(error: GatewayError): JsonRecord {
  const { type, code, param } = error.toBody().error;
  const flat = { code, message: messageOf(error), param };
  return { ...flat, error: { type, ...flat } };
}

/** Cancelled by its client, or by who looks after the gateway. */
const CANCELLED: readonly string[] = ['request_cancelled', 'client_closed'];

/** An answer that broke off, or that was cancelled. */
export function toBrokenOff(error: GatewayError): ResponseEnding {
  if (!CANCELLED.includes(error.code)) return { status: 'failed', incompleteReason: null, error, completedAt: null };
  return { status: 'cancelled', incompleteReason: 'cancelled', error: null, completedAt: null };
}

/**
 * What an answer took, with what was summed up before it. A client reads usage: a provider that counts nothing is told as
 * zeros.
 */
export function toToldUsage(
  { error }: ResponseEnding,
  counted: Usage | null,
  before: { readonly usage: Usage } | null,
): Usage | null {
  const usage = counted ?? (error === null ? toUsage({ prompt: 0, completion: 0 }) : null);
  return usage === null || before === null ? usage : sumOfUsage(before.usage, usage);
}
