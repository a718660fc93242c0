import { hash } from 'node:crypto';
import { type Document, isScalar, LineCounter, parseDocument, type Scalar } from 'yaml';
import type { z } from 'zod';
import { isRecord } from '../protocol/json.ts';
import type { Problem } from './config-error.ts';
import { type Environment, type Substitution, substitute } from './environment.ts';
import { expectation, toMistakes } from './issues.ts';
import { findPlace, type Path } from './positions.ts';
import { hiddenText, isPrivate, shownPath } from './secrecy.ts';
import { reportSyntax } from './syntax-text.ts';

/** Settings as written, as far as each has its type: one of another type is there and undefined. */
export type AsWritten<T> = T extends readonly (infer Item)[]
  ? readonly (AsWritten<Item> | undefined)[]
  : T extends object
    ? { readonly [Name in keyof T]?: AsWritten<T[Name]> | undefined }
    : T;

/** One file that was read: its values, and where each of them stands. */
export interface Source<S extends z.ZodType = z.ZodType> {
  readonly file: string;
  /** SHA-256 of its text, by which it is known again: the text itself, which may hold keys, is not kept. */
  readonly digest: string;
  /** After substitution and before defaults and units: what the cross checks read. Null where nothing can be read. */
  readonly written: AsWritten<z.input<S>> | null;
  /** Null when the file does not satisfy its schema. */
  readonly parsed: z.output<S> | null;
  /** All mistakes found so far; `report` adds to them. */
  readonly problems: readonly Problem[];
  /** Adds a mistake at a setting: at its value, or at its key where `isKey` or where it has no value. */
  report(path: Path, text: string, isKey?: boolean): void;
  /** What `report` would add, for what may be no mistake after all. */
  problem(path: Path, text: string): Problem;
  /** Whether mistakes may not show a value: it stands beside keys, or came from the environment. */
  isHidden(path: Path): boolean;
  /** A value as mistakes may show it: in quotes, or only its kind. */
  found(path: Path, value: unknown): string;
  /** `file:line:column` of a setting's key. */
  where(path: Path): string;
  /** The unset variable that this provider key wants; null when all is well. */
  missingKey(path: Path): string | null;
}

/** How a file is read. */
export interface ReadOptions {
  /** The only ones whose mistakes count, besides those of the syntax; null for all. */
  readonly sections?: readonly string[] | null;
  /** Without a look at what variables hold. */
  readonly isBlind?: boolean;
}

/**
 * Reads YAML, fills in the environment, and checks it against a schema; mistakes are kept, not thrown.
 */
export function readSource<S extends z.ZodType>(
  file: string,
  text: string,
  schema: S,
  env: Environment,
  { sections = null, isBlind = false }: ReadOptions = {},
): Source<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, logLevel: 'error' });
  const problems: Problem[] = [];
  const problemAt = (offset: number, text: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, text };
  };
  const add = (offset: number, what: string): void => {
    const { line, column, text } = problemAt(offset, what);
    if (!problems.some((problem) => problem.text === text && problem.line === line && problem.column === column))
      problems.push({ file, line, column, text });
  };
  const offsetOf = (path: Path, isKey: boolean): number => {
    const { key, value } = findPlace(document, path);
    const node = isKey ? (key ?? value) : (value ?? key);
    return node?.range?.[0] ?? 0;
  };
  const tell = (path: Path, what: string, isKey = false): void => {
    if (sections !== null && path.length > 0 && !sections.includes(String(path[0]))) return;
    add(offsetOf(path, isKey), `${path.length === 0 ? '' : `${shownPath(path)}: `}${what}`);
  };

  reportSyntax(document, text, add);
  const isReadable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  const substitution = isReadable ? substitute(document, env, tell, isBlind) : NOTHING;
  const report: typeof tell = (path, what, isKey) => {
    const { value } = findPlace(document, path);
    if (!isScalar(value) || !substitution.broken.has(value)) tell(path, what, isKey);
  };
  const isHidden = (path: Path): boolean => {
    const { value } = findPlace(document, path);
    return isPrivate(path) || (isScalar(value) && substitution.replaced.has(value));
  };
  const values = isReadable
    ? validate(schema, document, { replaced: substitution.replaced, isHidden, report })
    : NO_VALUES;
  return {
    file,
    digest: hash('sha256', text),
    ...values,
    problems,
    report,
    isHidden,
    problem: (path, what) => problemAt(offsetOf(path, false), `${shownPath(path)}: ${what}`),
    found(path, value) {
      return isHidden(path) ? hiddenText(value) : `'${value}'`;
    },
    where(path) {
      const { line, col } = lines.linePos(offsetOf(path, true));
      return `${file}:${line}:${col}`;
    },
    missingKey(path) {
      const { value } = findPlace(document, path);
      return isScalar(value) ? (substitution.missingKeys.get(value) ?? null) : null;
    },
  };
}

const NOTHING: Substitution = { replaced: new Set(), broken: new Set(), missingKeys: new Map() };

const NO_VALUES = { written: null, parsed: null };

interface Telling {
  readonly replaced: Substitution['replaced'];
  readonly report: Source['report'];
  isHidden(path: Path): boolean;
}

function validate<S extends z.ZodType>(
  schema: S,
  document: Document,
  telling: Telling,
): Pick<Source<S>, 'written' | 'parsed'> {
  const { replaced, isHidden, report } = telling;
  const raw = toValue(document, report);
  if (raw === undefined) return NO_VALUES;
  const result = schema.safeParse(raw, { error: expectation, reportInput: true });
  if (result.success) return { written: raw as AsWritten<z.input<S>>, parsed: result.data };
  const { issues } = result.error;
  // Text of the environment becomes a number or a boolean only where the schema refuses it as text.
  const scalars = issues.map(({ path }) => findPlace(document, path).value);
  const retyped = scalars.filter((node) => isScalar(node) && replaced.has(node) && retype(node));
  if (retyped.length > 0) return validate(schema, document, telling);
  for (const issue of issues) {
    for (const mistake of toMistakes(issue, schema, isHidden)) report(mistake.path, mistake.text, mistake.isKey);
  }
  const written = issues
    .filter(({ code }) => WRONG_TYPE.has(code))
    .reduce<unknown>((value, { path }) => withoutValue(value, path), raw);
  return { written: (written ?? null) as AsWritten<z.input<S>> | null, parsed: null };
}

/** The issues after which a value may not be what its type says: zod does not look at what stands under a bad key. */
const WRONG_TYPE: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_union', 'invalid_key']);

/** The values with undefined at one place. Copied: an anchor may stand at other places, where its value is good. */
function withoutValue(value: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return undefined;
  if (Array.isArray(value)) return value.map((item, at) => (at === step ? withoutValue(item, rest) : item));
  const name = String(step);
  if (!isRecord(value) || !Object.hasOwn(value, name)) return value;
  return { ...value, [name]: withoutValue(value[name], rest) };
}

/** An empty file is an empty set of settings. Messages of the library quote the file behind a colon. */
function toValue(document: Document, report: Source['report']): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    report([], `not valid YAML: ${(error instanceof Error ? error.message : String(error)).replace(/: .*$/s, '')}`);
    return undefined;
  }
}

function retype(node: Scalar): boolean {
  if (typeof node.value !== 'string') return false;
  const text = node.value.trim();
  if (text === 'true' || text === 'false') node.value = text === 'true';
  else if (/^-?\d+(\.\d+)?$/.test(text)) node.value = Number(text);
  return typeof node.value !== 'string';
}
