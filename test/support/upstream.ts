import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type Answer, type Asked, type Piece, startProvider } from '../../lab/provider.ts';
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

/** A provider for tests: that of the lab, which keeps what it was asked. */
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
  const provider = await startProvider((asked) => {
    const request = toRecord(asked);
    requests.push(request);
    for (const wake of waiting) wake();
    waiting.clear();
    // The gate of now, so that a release before the answer stalls counts too.
    return toAnswer(decide(request, requests.length), gate.promise);
  });
  return {
    url: provider.url,
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
      await provider.close();
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

function toRecord({ method, path, headers, body, socket }: Asked): UpstreamRequestRecord {
  const text = body.toString('utf8');
  return { method, path, headers, body: parseJson(text) ?? text, closed: closingOf(socket) };
}

/** As most servers have it: an idle connection is closed by the gateway after three seconds of these. */
const KEEP_ALIVE = { connection: 'keep-alive', 'keep-alive': 'timeout=5' };

async function toAnswer(answer: UpstreamAnswer, released: Promise<void>): Promise<Answer> {
  if (answer.isSilent) await released;
  const headers = { 'content-type': 'application/json', ...KEEP_ALIVE, ...answer.headers };
  const isCut = answer.destroyAfterBytes !== undefined;
  return { status: answer.status ?? 200, headers, body: toPieces(answer, released), end: isCut ? 'cut' : 'whole' };
}

function* toPieces(answer: UpstreamAnswer, released: Promise<void>): Generator<Piece> {
  const body = Buffer.from(answer.body ?? '{}');
  const { destroyAfterBytes, stallAfterBytes, pieceBytes = body.length } = answer;
  const stop = destroyAfterBytes ?? stallAfterBytes ?? body.length;
  yield* cut(body.subarray(0, stop), pieceBytes);
  if (stallAfterBytes === undefined || destroyAfterBytes !== undefined) return;
  yield { until: released };
  yield* cut(body.subarray(stop), pieceBytes);
}

function* cut(body: Buffer, size: number): Generator<Piece> {
  for (let at = 0; at < body.length; at += size) {
    yield body.subarray(at, at + size);
    yield { until: nextTurn() };
  }
}
