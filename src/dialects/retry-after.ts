import type { IncomingHttpHeaders } from 'node:http';
import { type JsonRecord, numberOf, recordOf, recordsOf, stringOf } from '../protocol/json.ts';

/**
 * How long the provider asks to wait, in milliseconds; null when it does not say.
 * Order: `retry-after-ms`, `retry-after` (seconds or a date), Google's `RetryInfo`, OpenRouter's hints,
 * then Perplexity's `x-ratelimit-reset` (epoch seconds). Dates are measured against the answer's own `date`
 * header, so that no clock of ours is involved.
 */
export function retryAfterMs(headers: IncomingHttpHeaders, error: JsonRecord): number | null {
  const milliseconds = numberOf(headers['retry-after-ms']);
  if (milliseconds !== null && milliseconds >= 0) return milliseconds;
  return fromRetryAfter(headers) ?? fromGoogle(error) ?? fromOpenRouter(error) ?? fromEpochReset(headers);
}

function fromRetryAfter(headers: IncomingHttpHeaders): number | null {
  const value = headers['retry-after'];
  if (value === undefined) return null;
  const seconds = numberOf(value);
  return seconds === null ? untilDate(Date.parse(value), headers) : Math.max(0, seconds * 1000);
}

/** `retryDelay` is a protobuf duration: "48s", "34.4s". */
function fromGoogle(error: JsonRecord): number | null {
  for (const detail of recordsOf(error['details'])) {
    const match = /^(\d+(?:\.\d+)?)s$/.exec(stringOf(detail['retryDelay']) ?? '');
    if (match) return Math.ceil(Number(match[1]) * 1000);
  }
  return null;
}

function fromOpenRouter(error: JsonRecord): number | null {
  const availability = numberOf(recordOf(error['availability'])['retry_after']);
  const seconds = availability ?? numberOf(recordOf(error['metadata'])['retry_after_seconds']);
  return seconds === null || seconds < 0 ? null : seconds * 1000;
}

/** Only a number of the size of an epoch in seconds is one; OpenAI writes durations in a header of another name. */
function fromEpochReset(headers: IncomingHttpHeaders): number | null {
  const reset = numberOf(headers['x-ratelimit-reset']);
  return reset !== null && reset > 1e9 && reset < 1e10 ? untilDate(reset * 1000, headers) : null;
}

function untilDate(at: number, headers: IncomingHttpHeaders): number | null {
  const now = Date.parse(headers.date ?? '');
  return Number.isNaN(at) || Number.isNaN(now) ? null : Math.max(0, at - now);
}
