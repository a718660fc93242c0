import type { IncomingHttpHeaders } from 'node:http';
import { type JsonRecord, numberOf, recordOf, recordsOf, stringOf } from '../protocol/json.ts';

/** Daily quotas are the longest that are known; 1e300 seconds are nonsense in a timer and in a header. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * How long the provider asks to wait, in milliseconds; null when it does not say. Never more than a day.
 * Order: `retry-after-ms`, `retry-after` (seconds or a date), Google's `RetryInfo`, OpenRouter's hints,
 * OpenAI's reset durations, then `x-ratelimit-reset` (an epoch: Perplexity in seconds, OpenRouter in milliseconds).
 * @param now our own clock, milliseconds since the epoch: dates count from the answer's `date`, and from it where there
 * is none
 */
export function retryAfterMs(headers: IncomingHttpHeaders, error: JsonRecord, now: number): number | null {
  const sentAt = Date.parse(headers.date ?? '');
  const asked = askedFor(headers, error, Number.isNaN(sentAt) ? now : sentAt);
  return asked === null ? null : Math.min(asked, LONGEST_MS);
}

function askedFor(headers: IncomingHttpHeaders, error: JsonRecord, now: number): number | null {
  const milliseconds = numberOf(headers['retry-after-ms']);
  if (milliseconds !== null && milliseconds >= 0) return milliseconds;
  return (
    fromRetryAfter(headers, now) ??
    fromGoogle(error) ??
    fromOpenRouter(error) ??
    fromOpenAiResets(headers) ??
    fromEpochReset(headers, now)
  );
}

function fromRetryAfter(headers: IncomingHttpHeaders, now: number): number | null {
  const value = headers['retry-after'];
  if (value === undefined) return null;
  const seconds = numberOf(value);
  return seconds === null ? untilDate(Date.parse(value), now) : Math.max(0, seconds * 1000);
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

/** The limit that has nothing left tells when it is full again, as a Go duration: "120ms", "1h8m26.585s". */
function fromOpenAiResets(headers: IncomingHttpHeaders): number | null {
  const used = ['requests', 'tokens'].filter((limit) => numberOf(headers[`x-ratelimit-remaining-${limit}`]) === 0);
  const waits = used.map((limit) => durationMs(headers[`x-ratelimit-reset-${limit}`])).filter((wait) => wait !== null);
  return waits.length > 0 ? Math.max(...waits) : null;
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function durationMs(text: unknown): number | null {
  if (typeof text !== 'string' || !/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return null;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g);
  return Math.ceil([...parts].reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0), 0));
}

/** Only a number of the size of an epoch is one: seconds have 10 digits, milliseconds 13. */
function fromEpochReset(headers: IncomingHttpHeaders, now: number): number | null {
  const reset = numberOf(headers['x-ratelimit-reset']);
  if (reset === null || reset < 1e9) return null;
  return untilDate(reset < 1e11 ? reset * 1000 : reset, now);
}

function untilDate(at: number, now: number): number | null {
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
