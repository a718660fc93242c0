import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { parseJson } from '../../src/protocol/json.ts';

/** What the upstream says. Everything but the body has a usual value. */
export interface UpstreamAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Cuts the body into pieces of this many bytes, one event-loop turn apart. Default: whole. */
  readonly pieceBytes?: number;
  /** Destroys the socket after this many bytes of the body; 0 sends the head alone. */
  readonly destroyAfterBytes?: number;
  /** Stops after this many bytes of the body and keeps the socket open until `release()`. 0: after the head. */
  readonly stallAfterBytes?: number;
  /** Takes the request and sends nothing, not even a head, until `release()`. */
  readonly isSilent?: boolean;
}

export interface UpstreamRequestRecord {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON, or the text when it is none. */
  readonly body: unknown;
  /** Resolves when the connection that carried this request is closed. */
  readonly closed: Promise<void>;
}

/** A provider for tests: a real HTTP server on 127.0.0.1. */
export interface TestUpstream {
  /** Without a slash at the end. */
  readonly url: string;
  /** Every request so far, in order. */
  readonly requests: readonly UpstreamRequestRecord[];
  /** Answers all following requests so; a function decides per request (`number` counts from 1). */
  answer(next: UpstreamAnswer | ((request: UpstreamRequestRecord, number: number) => UpstreamAnswer)): void;
  /** Resolves with the request of that number, counted from 1, as soon as it has arrived. */
  request(number: number): Promise<UpstreamRequestRecord>;
  /** Lets silent and stalled answers go on. */
  release(): void;
  close(): Promise<void>;
}

/** Starts an upstream on a free port; it answers 200 `{}` until told otherwise. Close it at the end of the test. */
export async function createUpstream(first: UpstreamAnswer = {}): Promise<TestUpstream> {
  let decide: (request: UpstreamRequestRecord, number: number) => UpstreamAnswer = () => first;
  let gate = Promise.withResolvers<void>();
  const requests: UpstreamRequestRecord[] = [];
  const waiting = new Set<() => void>();

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming);
    // Taken now, so that a release before the answer stalls counts too.
    const released = gate.promise;
    requests.push(request);
    for (const wake of waiting) wake();
    waiting.clear();
    await send(response, decide(request, requests.length), released);
  };
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      // A client that left in the middle of its request is part of the test.
      if (!incoming.destroyed) throw error;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(next) {
      decide = typeof next === 'function' ? next : () => next;
    },
    async request(number) {
      for (;;) {
        const request = requests[number - 1];
        if (request) return request;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
    release() {
      gate.resolve();
      gate = Promise.withResolvers<void>();
    },
    async close() {
      gate.resolve();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The same, closed when the test is finished. */
export async function runUpstream(first: UpstreamAnswer = {}): Promise<TestUpstream> {
  const upstream = await createUpstream(first);
  onTestFinished(() => upstream.close());
  return upstream;
}

const closings = new WeakMap<Socket, Promise<void>>();

/** One promise per connection, however many requests it carries. */
function closingOf(socket: Socket): Promise<void> {
  const known = closings.get(socket) ?? new Promise((resolve) => socket.once('close', () => resolve()));
  closings.set(socket, known);
  return known;
}

async function readRequest(incoming: IncomingMessage): Promise<UpstreamRequestRecord> {
  const closed = closingOf(incoming.socket);
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body: parseJson(text) ?? text,
    closed,
  };
}

async function send(response: ServerResponse, answer: UpstreamAnswer, released: Promise<void>): Promise<void> {
  if (answer.isSilent) await released;
  const body = Buffer.from(answer.body ?? '{}');
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  response.flushHeaders();
  const stop = answer.destroyAfterBytes ?? answer.stallAfterBytes ?? body.length;
  await writePieces(response, body.subarray(0, stop), answer.pieceBytes ?? body.length);
  if (answer.destroyAfterBytes !== undefined) return destroyWhenSent(response);
  if (answer.stallAfterBytes !== undefined) {
    await released;
    await writePieces(response, body.subarray(stop), answer.pieceBytes ?? body.length);
  }
  response.end();
}

async function writePieces(response: ServerResponse, body: Buffer, size: number): Promise<void> {
  for (let at = 0; at < body.length && !response.destroyed; at += size) {
    response.write(body.subarray(at, at + size));
    await nextTurn();
  }
}

/** The kernel has to have the bytes first: a destroyed socket throws away what it still holds. */
async function destroyWhenSent(response: ServerResponse): Promise<void> {
  while (response.writableLength > 0 && !response.destroyed) await nextTurn();
  await nextTurn();
  response.destroy();
}
