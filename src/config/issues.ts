import { z } from 'zod';
import { didYouMean } from './nearest.ts';
import type { Path } from './positions.ts';
import { hiddenText } from './secrecy.ts';

type Issue = z.core.$ZodIssue;

/** A mistake in words, at the path where it stands. `isKey` when the key is at fault and not the value. */
export interface Mistake {
  readonly path: Path;
  readonly text: string;
  readonly isKey: boolean;
}

/**
 * What zod found, in words: what was expected, what was found, what may have been meant.
 * @param isHidden whether what stands at a place is not shown
 */
export function toMistakes(issue: Issue, schema: z.ZodType, isHidden: (path: Path) => boolean): Mistake[] {
  if (issue.code === 'unrecognized_keys') return toUnknownKeys(issue, schema);
  if (issue.code === 'invalid_key') {
    const text = issue.issues.map(({ message }) => message).join(', ');
    return [{ path: issue.path, text, isKey: true }];
  }
  const isMissing = issue.input === undefined || issue.input === null;
  const found = isMissing ? 'nothing' : isHidden(issue.path) ? hiddenText(issue.input) : valueText(issue.input);
  const text = `${issue.message}, found ${found}${suggestion(issue)}`;
  return [{ path: issue.path, text, isKey: false }];
}

/** Zod's own messages in our words; messages of the schema win over them. */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${NAMES[issue.expected] ?? `a ${issue.expected}`}`;
    case 'invalid_value':
      return `expected one of ${issue.values.join(', ')}`;
    case 'too_small':
      return `expected at least ${issue.minimum}${COUNTED[issue.origin] ?? ''}`;
    case 'too_big':
      return `expected at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

/** What `minimum` counts, where it is not the value itself. */
const COUNTED: Readonly<Record<string, string>> = { array: ' entry', string: ' character' };

const NAMES: Readonly<Record<string, string>> = {
  object: 'settings (key: value)',
  record: 'settings (key: value)',
  array: 'a list',
  int: 'a whole number',
  boolean: 'true or false',
};

function toUnknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, schema: z.ZodType): Mistake[] {
  const known = keysAt(schema, issue.path);
  return issue.keys.map((key) => {
    const hint = didYouMean(key, known) || `; known here: ${known.join(', ')}`;
    return { path: [...issue.path, key], text: `unknown setting${hint}`, isKey: true };
  });
}

/** The settings that the schema knows at a place. */
function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path);
  if (schema instanceof z.ZodPipe) return keysAt(schema.out, path);
  const [step, ...rest] = path;
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest);
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  if (step === undefined) return Object.keys(schema.shape);
  const next: z.core.$ZodType | undefined = schema.shape[String(step)];
  return next ? keysAt(next, rest) : [];
}

function suggestion(issue: Issue): string {
  if (issue.code !== 'invalid_value' || typeof issue.input !== 'string') return '';
  return didYouMean(issue.input, issue.values.map(String));
}

function valueText(value: unknown): string {
  return typeof value === 'object' && value !== null ? hiddenText(value) : JSON.stringify(value);
}
