import { type Document, isScalar, LineCounter, parseDocument, type Scalar, type YAMLError } from 'yaml';
import type { z } from 'zod';
import type { Problem } from './config-error.ts';
import { type Environment, type Substitution, substitute } from './environment.ts';
import { expectation, toMistakes } from './issues.ts';
import { findPlace, type Path, pathText } from './positions.ts';

/** One file that was read: its values, and where each of them stands. */
export interface Source<T> {
  readonly file: string;
  /** As written, after substitution; checked or not. */
  readonly raw: unknown;
  /** Null when the file does not satisfy its schema. */
  readonly parsed: T | null;
  /** All mistakes found so far; `report` adds to them. */
  readonly problems: readonly Problem[];
  /** Adds a mistake at a setting: at its value, or at its key where `isKey` or where it has no value. */
  report(path: Path, text: string, isKey?: boolean): void;
  /** `file:line:column` of a setting's key. */
  where(path: Path): string;
  /** The unset variable that this provider key wants; null when all is well. */
  missingKey(path: Path): string | null;
}

/** Reads YAML, fills in the environment, and checks it against a schema; mistakes are kept, not thrown. */
export function readSource<S extends z.ZodType>(
  file: string,
  text: string,
  schema: S,
  env: Environment,
): Source<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, logLevel: 'error' });
  const problems: Problem[] = [];
  const add = (offset: number, what: string): void => {
    const { line, col } = lines.linePos(offset);
    if (!problems.some((problem) => problem.text === what && problem.line === line && problem.column === col))
      problems.push({ file, line, column: col, text: what });
  };
  const offsetOf = (path: Path, isKey: boolean): number => {
    const { key, value } = findPlace(document, path);
    const node = isKey ? (key ?? value) : (value ?? key);
    return node?.range?.[0] ?? 0;
  };
  const tell = (path: Path, what: string, isKey = false): void =>
    add(offsetOf(path, isKey), `${path.length === 0 ? '' : `${pathText(path)}: `}${what}`);

  reportSyntax(document, text, add);
  const isReadable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  const substitution = isReadable ? substitute(document, env, tell) : NOTHING;
  const report: typeof tell = (path, what, isKey) => {
    const { value } = findPlace(document, path);
    if (!isScalar(value) || !substitution.broken.has(value)) tell(path, what, isKey);
  };
  const { raw, parsed } = isReadable
    ? validate(schema, document, substitution.replaced, report)
    : { raw: undefined, parsed: null };
  return {
    file,
    raw,
    parsed,
    problems,
    report,
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

/** After the first mistake in the grammar the rest is guesswork; keys that stand twice are all told. */
function reportSyntax(document: Document, text: string, add: (offset: number, what: string) => void): void {
  const isTwice = ({ code }: { code: string }): boolean => code === 'DUPLICATE_KEY';
  for (const { pos } of document.errors.filter(isTwice)) {
    add(pos[0], `this key stands twice: ${/^[^:\n]*/.exec(text.slice(pos[0]))?.[0] ?? ''}`);
  }
  const first = document.errors.find((error) => !isTwice(error)) ?? document.warnings[0];
  if (first === undefined) return;
  add(first.pos[0], first.code === 'MULTIPLE_DOCS' ? 'expected one document, found another' : syntaxText(first, text));
}

function syntaxText({ message, pos }: YAMLError, text: string): string {
  const line = text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1).split('\n', 1)[0] ?? '';
  const hint = /[{[].*[^"']\$\{/.test(line) ? ' (inside { } and [ ], references to the environment need quotes)' : '';
  return `not valid YAML: ${message}${hint}`;
}

interface Validated<T> {
  readonly raw: unknown;
  readonly parsed: T | null;
}

function validate<S extends z.ZodType>(
  schema: S,
  document: Document,
  replaced: Substitution['replaced'],
  report: Source<unknown>['report'],
): Validated<z.output<S>> {
  const raw = toValue(document, report);
  if (raw === undefined) return { raw, parsed: null };
  const result = schema.safeParse(raw, { error: expectation, reportInput: true });
  if (result.success) return { raw, parsed: result.data };
  // Text of the environment becomes a number or a boolean only where the schema refuses it as text.
  const scalars = result.error.issues.map(({ path }) => findPlace(document, path).value);
  const retyped = scalars.filter((node) => isScalar(node) && replaced.has(node) && retype(node));
  if (retyped.length > 0) return validate(schema, document, replaced, report);
  for (const issue of result.error.issues) {
    for (const mistake of toMistakes(issue, schema)) report(mistake.path, mistake.text, mistake.isKey);
  }
  return { raw, parsed: null };
}

/** An empty file is an empty set of settings. */
function toValue(document: Document, report: Source<unknown>['report']): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    report([], `not valid YAML: ${error instanceof Error ? error.message : String(error)}`);
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
