import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { startProvider } from '../../lab/provider.ts';

const PIECE_CHARS = 8192;

/** A provider that speaks, or does not speak, HTTP byte by byte. */
export interface RawUpstream {
  /** Without a slash at the end. */
  readonly url: string;
  /** Requests so far. */
  readonly asked: number;
  /** Resolves when no connection is open any more. */
  closed(): Promise<void>;
}

/** The lab's provider, with the bare connection: calls `answer` for each request; closed when the test is finished. */
export async function runRawUpstream(answer: (socket: Socket, number: number) => void): Promise<RawUpstream> {
  let asked = 0;
  const provider = await startProvider(({ socket, number }) => {
    asked = number;
    answer(socket, number);
    return { isRaw: true, body: [], end: 'open' };
  });
  onTestFinished(() => provider.close());
  return {
    url: provider.url,
    get asked() {
      return asked;
    },
    async closed() {
      await Promise.all([...provider.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    },
  };
}

/** A head with these lines, and what follows it. */
export function rawAnswer(headers: readonly string[], body: string | Buffer, status = '200 OK'): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}

/**
 * Writes again and again, as fast as the other side reads, until the connection is closed: so much in each turn of the event
 * loop that the reader, who shares it, comes to read. Until the system takes no more are megabytes, a second of small pieces.
 */
export function writeForever(socket: Socket, next: () => string): void {
  const write = (): void => {
    if (socket.destroyed) return;
    let piece = '';
    while (piece.length < PIECE_CHARS) piece += next();
    if (socket.write(piece)) setImmediate(write);
    else socket.once('drain', write);
  };
  write();
}
