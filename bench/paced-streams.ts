import { connect } from 'node:net';
import { type Headers, isWholeStream } from './load.ts';

/** What one stream was like for its reader, in milliseconds. */
export interface StreamTiming {
  /** From before the connection to the first event. */
  readonly firstEventMs: number;
  /** Between one read and the next. */
  readonly gapsMs: readonly number[];
}

/** Who is asked for what, and how many start at which distance, so that they do not run in step. */
export interface PacedLoad {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly count: number;
  readonly staggerMs: number;
}

/** Reads many streams at once; one that fails counts as rejected. */
export function readStreams({
  url,
  headers,
  body,
  count,
  staggerMs,
}: PacedLoad): Promise<PromiseSettledResult<StreamTiming>[]> {
  const { hostname, port } = new URL(url);
  const lines = Object.entries({ 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const request = [
    'POST /v1/chat/completions HTTP/1.1',
    `host: ${hostname}:${port}`,
    ...lines,
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
  const one = async (_: unknown, index: number): Promise<StreamTiming> => {
    await new Promise((resolve) => setTimeout(resolve, index * staggerMs));
    return readStream(hostname, Number(port), request);
  };
  return Promise.allSettled(Array.from({ length: count }, one));
}

/** The same, where an error must not be measured. */
export async function readWholeStreams(load: PacedLoad): Promise<readonly StreamTiming[]> {
  return (await readStreams(load)).map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** All sockets read into it, each read is over before the next. */
const buffer = Buffer.alloc(64 * 1024);

/** One stream over a socket of its own: an HTTP client would cost more than some of the servers it measures. */
function readStream(host: string, port: number, request: string): Promise<StreamTiming> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    let lastAt = 0;
    let firstEventMs = 0;
    let tail = '';
    const gapsMs: number[] = [];
    const callback = (size: number): boolean => {
      const at = performance.now();
      tail = (tail + buffer.toString('latin1', 0, size)).slice(-600);
      if (lastAt > 0) gapsMs.push(at - lastAt);
      else if (tail.includes('data: ')) firstEventMs = at - startedAt;
      if (firstEventMs > 0) lastAt = at;
      if (tail.endsWith('0\r\n\r\n')) socket.end();
      return true;
    };
    const socket = connect({ host, port, noDelay: true, onread: { buffer, callback } });
    socket.write(request);
    socket.once('error', reject);
    socket.once('close', () => {
      if (isWholeStream(tail)) resolve({ firstEventMs, gapsMs });
      else reject(new Error(`A stream ended with: ${tail.slice(-300)}`));
    });
  });
}
