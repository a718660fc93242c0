import { CST, isAlias, isScalar, Lexer, type Node, parseDocument, type Scalar } from 'yaml';
import { type Path, walk } from './positions.ts';
import { isTelling } from './secrecy.ts';

const HIDDEN = '***';

/**
 * The text of a configuration file without its secrets: keys, headers and databases are hidden, references to the environment
 * stay as they are written, and comments are taken out, because a key that is not used any more may stand in one. Each line
 * stays where it is. Where keys stand, a setting that is not known to be harmless is hidden as well.
 * @param text of a file that has been loaded
 */
export function maskedText(text: string): string {
  const document = parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'error' });
  const edits = new Map<number, Edit>();
  const hide = (node: Scalar): void => {
    const [from = 0, to = 0] = node.range ?? [];
    edits.set(from, { to, text: maskOf(node, text.slice(from, to)) });
  };
  const hideIn = (root: Node | null, path: Path): void => {
    for (const [node, place] of walk(root, path)) {
      if (isAlias(node)) {
        // What an anchor names is hidden where it stands, if it is a secret at any of its places.
        const named = node.resolve(document);
        if (named) hideIn(named, place);
      } else if (isScalar(node) && isHiddenAt(place, node.value)) hide(node);
    }
  };
  hideIn(document.contents, []);
  for (const [from, to] of commentsOf(text)) edits.set(from, { to, text: '' });
  return edited(text, edits);
}

/** What stands in place of the text up to `to`. */
interface Edit {
  readonly to: number;
  readonly text: string;
}

function edited(text: string, edits: ReadonlyMap<number, Edit>): string {
  const parts: string[] = [];
  let at = 0;
  for (const [from, edit] of [...edits].sort(([one], [other]) => one - other)) {
    if (from < at) continue;
    parts.push(text.slice(at, from), edit.text);
    at = edit.to;
  }
  return [...parts, text.slice(at)].join('');
}

/** A reference shows where the value comes from; a default of one is a value. */
function maskOf({ value }: Scalar, source: string): string {
  const [, name, fallback] = /^\$\{([A-Za-z_]\w*)(:-[^}]*)?\}$/.exec(String(value).trim()) ?? [];
  const shown = name === undefined ? HIDDEN : `\${${name}${fallback === undefined ? '' : `:-${HIDDEN}`}}`;
  return `"${shown}"${'\n'.repeat(source.split('\n').length - 1)}`;
}

/** Begin and end of each comment. The lexer marks the beginnings of documents and scalars with characters of its own. */
function* commentsOf(text: string): Generator<readonly [number, number]> {
  let at = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (MARKS.has(lexeme)) continue;
    const isComment = lexeme.startsWith('#') && CST.tokenType(lexeme) === 'comment' && text.startsWith(lexeme, at);
    if (isComment) yield [at, at + lexeme.length];
    at += lexeme.length;
  }
}

const MARKS: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

const SHOWN_OF_PROVIDER: ReadonlySet<unknown> = new Set([
  ...['kind', 'responses', 'max_connections'],
  ...['timeouts', 'retry', 'breaker', 'fallback', 'rescue', 'hedge'],
]);
const SHOWN_OF_KEY: ReadonlySet<unknown> = new Set([
  ...['name', 'admin', 'routes', 'kind', 'org', 'orgs', 'models', 'limits', 'budget'],
]);

function isHiddenAt(path: Path, value: unknown): boolean {
  const [top, second, third, fourth] = path;
  if (top === 'database') return true;
  if (top === 'providers') {
    if (third === 'base_url') return !isPlainAddress(String(value));
    return !SHOWN_OF_PROVIDER.has(third);
  }
  if (top === 'auth') return !(second === 'keys' && SHOWN_OF_KEY.has(fourth));
  // Rules of models may know callers by a header.
  return path.includes('header') || path.includes('headers');
}

/** Whether an address has no place for a key: no user, no query, and a path of short words. */
function isPlainAddress(text: string): boolean {
  if (/^\$\{[A-Za-z_]\w*\}$/.test(text)) return true;
  const [whole, path = ''] = /^https?:\/\/[\w.-]+(?::\d+)?(\/[^?#@]*)?$/i.exec(text) ?? [];
  if (whole === undefined) return false;
  return path.split('/').every((word) => word === '' || (word.length <= 16 && isTelling(word)));
}
