import { type JsonRecord, numberOf, stringOf } from '../../protocol/json.ts';

const FORMATS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    date: '2026-01-31',
    'date-time': '2026-01-31T12:00:00Z',
    time: '12:00:00Z',
    duration: 'P1D',
    email: 'demo@example.com',
    uri: 'https://example.com/',
    hostname: 'example.com',
    ipv4: '192.0.2.1',
    ipv6: '2001:db8::1',
    uuid: '00000000-0000-4000-8000-000000000000',
  }),
);

/** A schema can ask for a text of a gigabyte. */
const MAX_CHARS = 10_000;

/** A text for a property: what the question says its value is, else what the question is about. */
export function textFor(schema: JsonRecord, question: string, name: string): string {
  const format = FORMATS.get(stringOf(schema['format']) ?? '');
  if (format !== undefined) return format;
  const text = valueNamed(name, question) ?? subjectOf(question);
  const least = Math.min(MAX_CHARS, numberOf(schema['minLength']) ?? 0);
  return text.padEnd(least, '.').slice(0, numberOf(schema['maxLength']) ?? undefined);
}

/** A number for a property, from the question where it has one. @param step keeps it away from excluded bounds */
export function numberFor(schema: JsonRecord, question: string, name: string, step: number): number {
  const above = numberOf(schema['exclusiveMinimum']) ?? Number.NEGATIVE_INFINITY;
  const below = numberOf(schema['exclusiveMaximum']) ?? Number.POSITIVE_INFINITY;
  const least = numberOf(schema['minimum']) ?? above + step;
  const most = numberOf(schema['maximum']) ?? below - step;
  const named = numberOf(valueNamed(name, question)) ?? numberOf(/-?\d+(\.\d+)?/.exec(question)?.[0]) ?? 1;
  const factor = numberOf(schema['multipleOf']) ?? 0;
  const whole = factor > 0 ? Math.ceil(Math.max(least, named) / factor) * factor : named;
  return Math.min(most, Math.max(least, whole));
}

/** What stands after the name and a colon: the rest of the line, or all the lines that follow. */
function valueNamed(name: string, question: string): string | null {
  if (name === '') return null;
  const literal = name.replace(/[^\w]/g, '\\$&');
  const found = new RegExp(`\\b${literal}\\b[^:\n]{0,20}:(?:[ \\t]*\n([^]+)|[ \\t]*(.+))`, 'i').exec(question);
  return found?.[1] ?? found?.[2] ?? null;
}

/** What a question is about: its last capitalised words after the first ("weather in San Francisco?"), else all of it. */
function subjectOf(question: string): string {
  const names = question.match(/(?<=\s)\p{Lu}[\p{L}\d-]+(?: \p{Lu}[\p{L}\d-]+)*/gu) ?? [];
  return names.at(-1) ?? (question.trim() || 'demo');
}
