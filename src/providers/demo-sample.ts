import { isRecord, type JsonRecord, numberOf, recordOf, stringOf } from '../protocol/json.ts';

const MAX_DEPTH = 12;

/** A value that fits the JSON Schema, taken from the question's own words where they fit. */
export function sampleOf(schema: unknown, question: string): unknown {
  const root = recordOf(schema);
  const sample = (value: unknown, depth: number): unknown => {
    const at = resolve(root, recordOf(value));
    if ('const' in at) return at['const'];
    if (Array.isArray(at['enum'])) return mentioned(at['enum'], question) ?? at['enum'][0];
    const union = at['anyOf'] ?? at['oneOf'];
    if (Array.isArray(union))
      return sample(
        union.find((one) => recordOf(one)['type'] !== 'null'),
        depth + 1,
      );
    if (depth > MAX_DEPTH) return null;
    return sampleOfType(at, question, (inner) => sample(inner, depth + 1));
  };
  return sample(root, 0);
}

function sampleOfType(schema: JsonRecord, question: string, sample: (inner: unknown) => unknown): unknown {
  switch (typeOf(schema)) {
    case 'object':
      return Object.fromEntries(propertiesOf(schema).map(([name, inner]) => [name, sample(inner)]));
    case 'array':
      return Array.from({ length: Math.max(1, numberOf(schema['minItems']) ?? 1) }, () => sample(schema['items']));
    case 'integer':
      return Math.round(numberFor(schema, question));
    case 'number':
      return numberFor(schema, question);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return subjectOf(question).slice(0, numberOf(schema['maxLength']) ?? undefined);
  }
}

function typeOf(schema: JsonRecord): string {
  const type = Array.isArray(schema['type']) ? schema['type'].find((one) => one !== 'null') : schema['type'];
  if (typeof type === 'string') return type;
  return isRecord(schema['properties']) ? 'object' : 'string';
}

/** The required properties; all of them where none is required. */
function propertiesOf(schema: JsonRecord): [string, unknown][] {
  const all = Object.entries(recordOf(schema['properties']));
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return required.length === 0 ? all : all.filter(([name]) => required.includes(name));
}

function resolve(root: JsonRecord, schema: JsonRecord): JsonRecord {
  const path = stringOf(schema['$ref']);
  if (path === null) return schema;
  const steps = path.split('/').slice(1);
  return recordOf(steps.reduce<unknown>((value, step) => recordOf(value)[step], root));
}

function mentioned(values: readonly unknown[], question: string): unknown {
  const text = question.toLowerCase();
  return values.find((value) => typeof value === 'string' && text.includes(value.toLowerCase()));
}

function numberFor(schema: JsonRecord, question: string): number {
  const least = numberOf(schema['minimum']) ?? Number.NEGATIVE_INFINITY;
  const most = numberOf(schema['maximum']) ?? Number.POSITIVE_INFINITY;
  const named = numberOf(/-?\d+(\.\d+)?/.exec(question)?.[0]);
  return Math.min(most, Math.max(least, named ?? 1));
}

/** What a question is about: its last capitalised word after the first ("weather in Paris?" → Paris), else all of it. */
function subjectOf(question: string): string {
  const names = question.match(/(?<=\s)\p{Lu}[\p{L}\d-]+/gu) ?? [];
  return names.at(-1) ?? (question.trim() || 'demo');
}
