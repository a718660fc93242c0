import type { Socket } from 'node:net';

/** A request as it came over the connection. */
export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** By lower-case name; the values of a name that comes twice are joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Head = Omit<HttpRequest, 'body'>;

/** Calls back for each request that comes over a connection; to what is no HTTP it answers as any server would, with a 400. */
export function readRequests(socket: Socket, onRequest: (request: HttpRequest) => void): void {
  let state: 'head' | 'body' | 'size' | 'chunk' | 'trailer' = 'head';
  let head: Head = { method: '', path: '', headers: {} };
  let pieces: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  /** Bytes of the body, or of its chunk, that are still to come. */
  let left = 0;

  /** Takes off what comes before this mark; null while it is not there. */
  const takeUntil = (mark: string): string | null => {
    const at = rest.indexOf(mark);
    if (at === -1) return null;
    const text = rest.toString('latin1', 0, at);
    rest = rest.subarray(at + mark.length);
    return text;
  };
  /** Takes what is there of the body. @returns whether that is all of it, or of its chunk */
  const takeBody = (): boolean => {
    pieces.push(rest.subarray(0, left));
    const size = Math.min(left, rest.length);
    left -= size;
    rest = rest.subarray(size);
    return left === 0;
  };
  const complete = (): void => {
    const request = { ...head, body: pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces) };
    [state, pieces] = ['head', []];
    onRequest(request);
  };
  const begin = (text: string): void => {
    head = toHead(text);
    state = head.headers['transfer-encoding'] === 'chunked' ? 'size' : 'body';
    left = Number(head.headers['content-length'] ?? 0);
    if (state === 'body' && left === 0) complete();
  };
  const readSize = (line: string): void => {
    // The line after a chunk is empty.
    if (line === '') return;
    left = Number.parseInt(line, 16);
    state = left > 0 ? 'chunk' : 'trailer';
  };
  /** Reads one thing. @returns false when more has to come first */
  const readOne = (): boolean => {
    if (state === 'body' || state === 'chunk') {
      if (!takeBody()) return true;
      if (state === 'body') complete();
      else state = 'size';
      return true;
    }
    const text = takeUntil(state === 'head' ? '\r\n\r\n' : '\r\n');
    if (text === null) return false;
    if (state === 'head') begin(text);
    else if (state === 'size') readSize(text);
    else if (text === '') complete();
    return true;
  };
  socket.on('data', (bytes: Buffer) => {
    if (state === 'head' && rest.length === 0 && !/[A-Z]/.test(String.fromCharCode(bytes[0] ?? 0))) {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      return;
    }
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length > 0 && readOne());
  });
}

function toHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { method, path, headers };
}
