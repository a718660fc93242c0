/** What a request asks for. */
export interface RequestTarget {
  /** Path and query, as the routes see it. */
  readonly url: string;
  /** The host of a target that is a whole URL; null for one that is a path. */
  readonly authority: string | null;
}

/** A path that no reader of URLs takes for something else: what begins with `//` names another host to them. */
const PLAIN = /^\/(?!\/.)[!-"$-[\]-~]*$/;
const WHOLE = /^http:\/\/((?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)(?=[/?]|$)(.*)$/i;
/** Controls and backslashes, encoded. A provider that decodes a path before it reads it would split its lines there. */
const ENCODED_MISCHIEF = /^[^?]*%(?:[01][0-9a-f]|7f|5c)/i;

/** Reads a request target (RFC 9112, 3.2): a path, or a whole `http` URL. A string says what is wrong with any other. */
export function readRequestTarget(target: string): RequestTarget | string {
  if (PLAIN.test(target)) return checkEncoding({ url: target, authority: null });
  if (target.startsWith('/')) return problemOf(target);
  const [, authority, rest = ''] = WHOLE.exec(target) ?? [];
  if (authority === undefined) return 'it is neither a path such as /v1/models nor a URL that begins with http://host/';
  const url = rest.startsWith('/') ? rest : `/${rest}`;
  return PLAIN.test(url) ? checkEncoding({ url, authority }) : problemOf(url);
}

function problemOf(url: string): string {
  if (url.startsWith('//')) return 'its path begins with two slashes';
  if (url.includes('#')) return 'it has a #, which belongs to pages and not to requests';
  return 'it has a character that must be percent-encoded';
}

function checkEncoding(target: RequestTarget): RequestTarget | string {
  const isOdd = target.url.includes('%') && ENCODED_MISCHIEF.test(target.url);
  return isOdd ? 'its path has an encoded control character or backslash' : target;
}
