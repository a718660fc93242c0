import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterPace } from './pacer.ts';
import { type HttpRequest, readRequests } from './request-reader.ts';

/** A request as a provider sees it. */
export interface Asked extends HttpRequest {
  /** Counted from 1. */
  readonly number: number;
  readonly socket: Socket;
}

/** Bytes of an answer, or what is waited for before the next ones. */
export type Piece = string | Uint8Array | { readonly waitMs: number } | { readonly until: Promise<unknown> };

/** What a provider answers: the whole of it, or as far as it gets. */
export interface Answer {
  /** 200, unless told otherwise. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** As one, or piece by piece; pieces that are made one by one are made when they are due. */
  readonly body?: string | Uint8Array | Iterable<Piece>;
  /** Milliseconds from one piece to the next. Without it, as fast as they are read. */
  readonly paceMs?: number;
  /** The pieces are what stands on the connection: no head is written, and nothing around them. */
  readonly isRaw?: boolean;
  /**
   * `whole`, unless told otherwise. `cut`: the connection is closed once the kernel has what was written. `reset`: by a TCP
   * reset. `open`: nothing more comes.
   */
  readonly end?: 'whole' | 'cut' | 'reset' | 'open';
}

/** A provider with an answer for everything, on a real socket of this machine. */
export interface LabProvider {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Requests that are neither answered nor given up. */
  readonly busy: number;
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** Starts a provider that does for each request what is decided for it. */
export async function startProvider(decide: (asked: Asked) => Answer | Promise<Answer>): Promise<LabProvider> {
  let number = 0;
  let busy = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    let leave: (() => void) | null = null;
    sockets.add(socket);
    // The gateway may hang up whenever it likes.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      leave?.();
    });
    readRequests(socket, async (request) => {
      busy++;
      leave = () => {
        busy--;
        leave = null;
      };
      const answer = await decide({ ...request, number: ++number, socket });
      play(socket, request, answer, () => leave?.());
    });
  });
  server.listen(0, '127.0.0.1', 4096);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get busy() {
      return busy;
    },
    sockets,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** For a module that is a server: says where it listens to the process that has started it, and ends with that. */
export function reportPort({ port }: { readonly port: number }): void {
  for (const end of ['disconnect', 'SIGTERM']) process.once(end, () => process.exit(0));
  process.send?.({ port });
}

function play(socket: Socket, request: HttpRequest, answer: Answer, done: () => void): void {
  const { body = '', paceMs = 0, isRaw = false } = answer;
  const isOne = typeof body === 'string' || body instanceof Uint8Array;
  const isBodied = isRaw || hasBody(request, answer);
  const isChunked = !isRaw && !isOne && isBodied && answer.headers?.['content-length'] === undefined;
  const head = isRaw ? '' : toHead(answer, isChunked, isOne ? Buffer.byteLength(body) : null);
  if (isOne && isBodied) socket.write(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]));
  // An empty write is a call to the kernel as well.
  else if (head !== '') socket.write(head, 'latin1');
  const pieces = (isOne || !isBodied ? [] : body)[Symbol.iterator]();
  const step = (): void => {
    while (!socket.destroyed) {
      const { done: isOver, value } = pieces.next();
      if (isOver) {
        finish(socket, request, answer, isChunked, done);
        return;
      }
      if (isPause(value)) {
        pause(value, step);
        return;
      }
      const isFree = socket.write(isChunked ? toChunk(value) : value);
      if (paceMs > 0) {
        afterPace(paceMs, step);
        return;
      }
      if (!isFree) {
        socket.once('drain', step);
        return;
      }
    }
  };
  step();
}

type Pause = Exclude<Piece, string | Uint8Array>;

function isPause(piece: Piece): piece is Pause {
  return typeof piece === 'object' && !(piece instanceof Uint8Array);
}

function pause(piece: Pause, goOn: () => void): void {
  if ('until' in piece) void piece.until.then(goOn);
  else setTimeout(goOn, piece.waitMs).unref();
}

function finish(
  socket: Socket,
  request: HttpRequest,
  { end = 'whole' }: Answer,
  isChunked: boolean,
  done: () => void,
): void {
  if (end === 'open') return;
  if (end === 'reset') socket.resetAndDestroy();
  else if (end === 'cut') socket.destroySoon();
  else {
    if (isChunked) socket.write('0\r\n\r\n');
    if (request.headers['connection'] === 'close') socket.end();
  }
  done();
}

function hasBody({ method }: HttpRequest, { status = 200 }: Answer): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

function toHead({ status = 200, headers = {} }: Answer, isChunked: boolean, size: number | null): string {
  const framing = isChunked ? { 'transfer-encoding': 'chunked' } : size === null ? {} : { 'content-length': size };
  const lines = Object.entries({ ...framing, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
}

/** An empty one would end the body. */
function toChunk(piece: string | Uint8Array): string | Buffer {
  const size = Buffer.byteLength(piece);
  if (size === 0) return '';
  if (typeof piece === 'string') return `${size.toString(16)}\r\n${piece}\r\n`;
  return Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
}
