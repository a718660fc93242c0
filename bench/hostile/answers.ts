/** An answer as it stood on the connection. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Reads all answers of a connection, byte by byte as RFC 9112 has them. @throws Error where it is not HTTP */
export function readAnswers(bytes: string, methods: readonly string[]): Answer[] {
  const answers: Answer[] = [];
  let rest = bytes;
  while (rest !== '') {
    const [answer, after] = readAnswer(rest, methods[answers.length] ?? 'GET');
    if (answer.status >= 200) answers.push(answer);
    rest = after;
  }
  return answers;
}

function readAnswer(bytes: string, method: string): [Answer, string] {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.slice(0, end).split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) [ -~]*$/.exec(first)?.[1];
  if (end === -1 || status === undefined)
    throw new Error(`no head of an answer: ${JSON.stringify(bytes.slice(0, 80))}`);
  const headers = new Map(lines.map(readLine));
  const [body, rest] = readBody(bytes.slice(end + 4), Number(status), headers, method);
  return [{ status: Number(status), headers, body: Buffer.from(body, 'latin1').toString('utf8') }, rest];
}

function readLine(line: string): [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9a-z-]+): ([\t -~\x80-\xff]*)$/i.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`no header: ${JSON.stringify(line.slice(0, 80))}`);
  return [name.toLowerCase(), value];
}

function readBody(
  bytes: string,
  status: number,
  headers: ReadonlyMap<string, string>,
  method: string,
): [body: string, rest: string] {
  if (status < 200 || status === 204 || status === 304) return ['', bytes];
  // What could not be read may have been a HEAD: nobody knows, and the connection ends with it.
  if (method === 'HEAD' && (headers.get('connection') !== 'close' || bytes === '')) return ['', bytes];
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(bytes);
  const length = headers.get('content-length');
  if (length === undefined) return [bytes, ''];
  if (bytes.length < Number(length)) throw new Error(`${length} bytes were promised and ${bytes.length} came`);
  return [bytes.slice(0, Number(length)), bytes.slice(Number(length))];
}

function readChunks(bytes: string): [string, string] {
  let body = '';
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.slice(at, end), 16);
    if (end === -1 || Number.isNaN(size)) throw new Error('the chunks of an answer break off');
    if (size === 0) return [body, bytes.slice(end + 4)];
    body += bytes.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}
