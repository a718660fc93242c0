import { type Document, isAlias, isScalar, type Scalar } from 'yaml';
import { type Path, walk } from './positions.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment gave to a document. */
export interface Substitution {
  /** Scalars whose text came from the environment, at least in part. */
  readonly replaced: ReadonlySet<Scalar>;
  /** Scalars that could not be filled in; told already. */
  readonly broken: ReadonlySet<Scalar>;
  /** Provider keys whose variable is not set, with its name. */
  readonly missingKeys: ReadonlyMap<Scalar, string>;
}

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every string of the document, in place.
 * @param isBlind leaves what a variable would give as it is written: nothing can be said of it then, and so nothing is told
 */
export function substitute(
  document: Document,
  env: Environment,
  report: (path: Path, text: string) => void,
  isBlind = false,
): Substitution {
  const replaced = new Set<Scalar>();
  const broken = new Set<Scalar>();
  const missingKeys = new Map<Scalar, string>();
  for (const [node, path] of walk(document.contents)) {
    if (isAlias(node) && node.resolve(document) === undefined) report(path, NO_ANCHOR);
    if (!isScalar(node) || typeof node.value !== 'string' || !node.value.includes('${')) continue;
    const { text, missing, isMalformed, isFromOutside } = expand(node.value, env, isProviderKey(path));
    replaced.add(node);
    if (isBlind && isFromOutside) broken.add(node);
    else node.value = text;
    if (missing !== null && isProviderKey(path)) missingKeys.set(node, missing);
    else if (isMalformed || missing !== null) {
      broken.add(node);
      report(path, missing === null ? MALFORMED : unsetText(missing));
    }
  }
  return { replaced, broken, missingKeys };
}

/** The name may be a value that happens to begin with the sign. */
const NO_ANCHOR = 'there is no anchor of this name; a value that begins with * needs quotes';
const MALFORMED = `expected references like \${NAME} or \${NAME:-default}, found another use of \${`;

function unsetText(name: string): string {
  return `the environment variable ${name} is not set; set it, or write \${${name}:-default}`;
}

/** A provider without its key is switched off instead of stopping the gateway. */
function isProviderKey([top, , setting, ...rest]: Path): boolean {
  if (top !== 'providers') return false;
  return (setting === 'api_key' && rest.length === 0) || (setting === 'api_keys' && rest.length === 1);
}

interface Expansion {
  readonly text: string;
  readonly missing: string | null;
  readonly isMalformed: boolean;
  /** Whether a variable has given any of it. */
  readonly isFromOutside: boolean;
}

/** @param isKey an empty variable counts as missing, as after `export OPENAI_API_KEY=` */
function expand(source: string, env: Environment, isKey: boolean): Expansion {
  let missing: string | null = null;
  let isFromOutside = false;
  const reference = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;
  const text = source.replace(reference, (_all, name: string, fallback: string | undefined) => {
    // As in a shell, the default also stands in for an empty variable.
    const value = env[name] || (fallback ?? env[name]);
    if (env[name]) isFromOutside = true;
    if (value === undefined || (isKey && value.trim() === '')) missing ??= name;
    return value ?? '';
  });
  const isMalformed = source.replace(reference, '').includes('${');
  return { text: missing === null ? text : '', missing, isMalformed, isFromOutside };
}
