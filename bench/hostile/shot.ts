/** What is sent over one connection, and how it goes on. Bytes are characters from 0 to 255. */
export interface Shot {
  readonly bytes: string;
  /** Of the requests in it, as far as they can be told apart: an answer to HEAD has no body. */
  readonly methods: readonly string[];
  /** `answer`: wait for one to each request. `leave`: hang up in the middle. `end`: say that no more will come. */
  readonly ending: 'answer' | 'leave' | 'end';
  /** Whether the provider fails on purpose, and whether the gateway puts that into its own words or passes it on. */
  readonly fault: 'none' | 'told' | 'passed';
}

/** A request that is good but for what is given. */
export interface Parts {
  readonly method?: string;
  readonly target?: string;
  /** Lines without their end, after the usual ones; a name of the usual ones takes their place. */
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly key?: string;
  readonly version?: string;
}

/** The clients' keys. An admin's opens every path. */
export const KEYS = { plain: 'a-plain-key-of-32-characters-aaaa', admin: 'an-admin-key-of-32-characters-bb' };

/** The bytes of a request over a connection that is closed after it. */
export function requestOf({
  method = 'GET',
  target = '/v1/models',
  headers = [],
  body = '',
  key = KEYS.admin,
  version = '1.1',
}: Parts): string {
  const usual = ['host: 127.0.0.1', `authorization: Bearer ${key}`, 'connection: close'];
  if (body !== '' || method === 'POST') usual.push(`content-length: ${body.length}`, 'content-type: application/json');
  const given = new Set(headers.map(nameOf));
  const lines = [...usual.filter((line) => !given.has(nameOf(line))), ...headers];
  return `${method} ${target} HTTP/${version}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

function nameOf(line: string): string {
  return (line.split(':', 1)[0] ?? '').toLowerCase();
}

/** A shot of one request that is answered. */
export function shotOf(parts: Parts, rest: Partial<Shot> = {}): Shot {
  return { bytes: requestOf(parts), methods: [parts.method ?? 'GET'], ending: 'answer', fault: 'none', ...rest };
}

/** A text or a value as the bytes of its UTF-8. */
export function bytesOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text, 'utf8').toString('latin1');
}
