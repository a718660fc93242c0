import { z } from 'zod';

const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** Milliseconds of `500ms`, `30s`, `2m`, `1h`, `90d`; null when the text is no duration. */
export function parseDuration(text: string): number | null {
  return parseUnits(text, DURATION_MS);
}

/** Bytes of `512kb`, `20mb`, `1gb`; null when the text is no size. */
function parseSize(text: string): number | null {
  return parseUnits(text, SIZE_BYTES);
}

function parseUnits(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim());
  const unit = match?.[2]?.toLowerCase() ?? '';
  if (match === null || !Object.hasOwn(units, unit)) return null;
  return Math.round(Number(match[1]) * (units[unit] ?? 0));
}

/** A duration in a configuration file, in milliseconds. */
export const duration = unitOf(parseDuration, 'expected a duration such as 500ms, 30s, 2m, 1h or 90d');

/** The longest time that a timer of Node can wait, almost 25 days: with a longer one it would fire at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** A duration that a timer waits for, in milliseconds. */
export const wait = unitOf(parseWait, 'expected a duration such as 500ms, 30s, 2m or 1h, and at most 24d');

function parseWait(text: string): number | null {
  const ms = parseDuration(text);
  return ms !== null && ms <= LONGEST_WAIT_MS ? ms : null;
}

/** When a target counts as late: a duration, in milliseconds, or a word that says how to find out. */
export const lateness = unitOf<number | 'p95' | 'off'>(
  (text) => (text === 'p95' || text === 'off' ? text : parseWait(text)),
  'expected p95, off, or a duration such as 800ms',
);

/** A duration of more than nothing and less than so many milliseconds, as `text` says it; `why` follows in the mistake. */
export function durationBelow(ms: number, text: string, why: string) {
  const parse = (given: string): number | null => {
    const value = parseDuration(given);
    return value !== null && value > 0 && value < ms ? value : null;
  };
  return unitOf(parse, `expected a duration such as 500ms or 0.8s, more than 0 and less than ${text}, ${why}`);
}

/** A size in a configuration file, in bytes. */
export const size = unitOf(parseSize, 'expected a size such as 512kb, 20mb or 1gb');

function unitOf<T extends number | string = number>(parse: (text: string) => T | null, error: string) {
  return z
    .string({ error })
    .transform((text, context) => {
      const value = parse(text);
      if (value !== null) return value;
      context.issues.push({ code: 'custom', message: error, input: text });
      return z.NEVER;
    })
    .meta({ description: error.replace(/^expected /, '') });
}
