/**
 * A provider that never ends, and says when it was left. What is asked is `phase id`: `head` gets no answer at all,
 * `first-token` a head, `stream` a word every 5 ms, `whole` half of a body. `GET /arrived/id` answers once the
 * request is there, `GET /closed/id` once its socket is closed: with the time in nanoseconds of the machine's clock.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Visit {
  readonly arrived: PromiseWithResolvers<string>;
  readonly closed: PromiseWithResolvers<string>;
}

const PACE_MS = 5;
const CHUNK =
  'data: {"id":"bench","object":"chat.completion.chunk","created":1790000000,"model":"bench",' +
  '"choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}\n\n';

const visits = new Map<string, Visit>();
const nanoseconds = (): string => process.hrtime.bigint().toString();

function visitOf(id: string): Visit {
  const visit = visits.get(id) ?? { arrived: Promise.withResolvers(), closed: Promise.withResolvers() };
  visits.set(id, visit);
  return visit;
}

async function tell(url: string, response: ServerResponse): Promise<void> {
  const [, what, id = ''] = url.split('/');
  const visit = visitOf(id);
  response.end(await (what === 'arrived' ? visit.arrived : visit.closed).promise);
  if (what === 'closed') visits.delete(id);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { messages } = JSON.parse(await text(request)) as { messages: { content: string }[] };
  const [phase = '', id = ''] = messages[0]?.content.split(' ') ?? [];
  const { arrived, closed } = visitOf(id);
  request.socket.once('close', () => closed.resolve(nanoseconds()));
  begin(phase, response);
  arrived.resolve(nanoseconds());
}

function begin(phase: string, response: ServerResponse): void {
  if (phase === 'head') return;
  const isStream = phase !== 'whole';
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
  response.flushHeaders();
  if (phase === 'whole') response.write('{"choices":[');
  if (phase !== 'stream') return;
  const timer = setInterval(() => response.write(CHUNK), PACE_MS);
  response.once('close', () => clearInterval(timer));
}

const server = createServer((request, response) => {
  if (request.method === 'GET') void tell(request.url ?? '', response);
  else void answer(request, response);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
