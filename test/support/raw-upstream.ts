import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A provider that speaks, or does not speak, HTTP byte by byte. */
export interface RawUpstream {
  /** Without a slash at the end. */
  readonly url: string;
  /** Connections that carried a request so far. */
  readonly asked: number;
  /** Resolves when no connection is open any more. */
  closed(): Promise<void>;
}

/** Calls `answer` for the first bytes that come over each connection; closed when the test is finished. */
export async function runRawUpstream(answer: (socket: Socket, number: number) => void): Promise<RawUpstream> {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    // The gateway may hang up whenever it likes.
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    socket.once('data', () => answer(socket, ++asked));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked;
    },
    async closed() {
      await Promise.all(
        [...sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
      );
    },
  };
}

/** A head with these lines, and what follows it. */
export function rawAnswer(headers: readonly string[], body: string | Buffer, status = '200 OK'): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}

/** Writes again and again, as fast as the other side reads, until the connection is closed. */
export function writeForever(socket: Socket, next: () => string): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(next()));
    if (!socket.destroyed) socket.once('drain', write);
  };
  write();
}
