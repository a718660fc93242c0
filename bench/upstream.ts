/**
 * A provider that costs next to nothing: fixed answers in OpenAI's and Gemini's language, encoded ahead and written to
 * the bare socket, whole or as a stream. Models whose name holds `gemini` answer in Gemini's language whatever the path,
 * those that end in `-burst` at once. Arguments: milliseconds between events, events per stream when the request sets
 * no limit of tokens. The first event comes with the head.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { chatAnswer, chatEvents, geminiEvents } from './upstream-answers.ts';

const paceMs = Number(process.argv[2] ?? 20);
const defaultEvents = Number(process.argv[3] ?? 50);
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

const answer = chatAnswer();
const WHOLE = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(answer)}\r\n\r\n${answer}`,
);

interface Stream {
  readonly socket: Socket;
  readonly writes: readonly Buffer[];
  next: number;
}

// One slot for each millisecond of the pace: one timer writes for all streams, and they keep their phases.
const slots = Array.from({ length: Math.max(paceMs, 1) }, () => new Set<Stream>());
const slotAt = (ms: number): Set<Stream> | undefined => slots[ms % slots.length];
let turnedMs = now();

function now(): number {
  return Math.floor(performance.now());
}

function turn(): void {
  // A slot that was missed is served late, never left out.
  for (const untilMs = now(); turnedMs < untilMs; turnedMs++) {
    const slot = slotAt(turnedMs);
    for (const stream of slot ?? []) if (!writeNext(stream)) slot?.delete(stream);
  }
}

/** Whether there is more to write. */
function writeNext(stream: Stream): boolean {
  const bytes = stream.writes[stream.next++];
  if (bytes !== undefined) stream.socket.write(bytes);
  return stream.next < stream.writes.length && !stream.socket.destroyed;
}

const encoded = new Map<string, readonly Buffer[]>();

/** What a stream writes, pace by pace. */
function writesOf(dialect: 'chat' | 'gemini', isBurst: boolean, eventCount: number): readonly Buffer[] {
  const key = `${dialect} ${isBurst} ${eventCount}`;
  const known = encoded.get(key);
  if (known) return known;
  const events = dialect === 'chat' ? chatEvents(eventCount) : geminiEvents(eventCount);
  const pieces = isBurst ? [events.join('')] : events;
  const toWrite = (piece: string, index: number): Buffer => {
    const framed = `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`;
    return Buffer.from(`${index === 0 ? HEAD : ''}${framed}${index === pieces.length - 1 ? '0\r\n\r\n' : ''}`);
  };
  const writes = pieces.map(toWrite);
  encoded.set(key, writes);
  return writes;
}

function respond(socket: Socket, request: string): void {
  if (!request.includes('"stream":true') && !request.includes(':streamGenerateContent')) {
    socket.write(WHOLE);
    return;
  }
  const limit = /"max_?(?:completion_|output)?tokens":(\d+)/i.exec(request)?.[1];
  const dialect = request.includes('gemini') ? 'gemini' : 'chat';
  const isBurst = paceMs === 0 || request.includes('-burst');
  const stream = { socket, writes: writesOf(dialect, isBurst, Number(limit ?? defaultEvents)), next: 0 };
  // The slot that was served last: it is due again in one pace.
  if (writeNext(stream)) slotAt(now() + slots.length - 1)?.add(stream);
}

/** Bytes of the request that begins the text; more than there are while it is not complete. */
function sizeOf(received: string): number {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return Number.POSITIVE_INFINITY;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, headEnd))?.[1];
  if (length === undefined) throw new Error(`A request without content-length: ${received.slice(0, headEnd)}`);
  return headEnd + 4 + Number(length);
}

const server = createServer({ noDelay: true }, (socket) => {
  let received = '';
  // One character for each byte.
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    received += piece;
    if (received.length < sizeOf(received)) return;
    respond(socket, received);
    received = '';
  });
  // Who is gone is seen by the writer.
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', 4096, () => process.send?.({ port: (server.address() as AddressInfo).port }));
if (paceMs > 0) setInterval(turn, 1);
