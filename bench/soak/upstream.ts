/**
 * A provider that costs little and fails on demand: the model's name says how. In OpenAI's and Gemini's language.
 * `GET /state` tells how many requests it is still busy with.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { type Asked, toAsked, type Wire } from './asked.ts';
import { LONG_PIECE, LONG_PIECES, PIECES } from './text.ts';

const PACE_MS = 4;
/** Where a broken answer breaks. */
const HALF = PIECES.length / 2;
/** Told to the gateway in each answer, so that its idle connections are closed soon and can be waited for. */
const KEEP_ALIVE_MS = 4000;

interface Scene extends Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Calls that have failed once and are to succeed the second time. */
const failedOnce = new Set<string>();
let busy = 0;

/** What each model does instead of answering at once. */
const BEHAVIOURS: Readonly<Record<string, (scene: Scene) => unknown>> = {
  paced: (scene) => speak(scene, PIECES, PACE_MS),
  count: (scene) => speak(scene, [String(scene.chars)]),
  long: (scene) =>
    speak(
      scene,
      Array.from({ length: LONG_PIECES }, () => LONG_PIECE),
    ),
  endless: (scene) => speak(scene, endless(), PACE_MS),
  tools: (scene) => callTool(scene),
  silent: () => undefined,
  late: (scene) => wait(1000).then(() => speak(scene, PIECES)),
  close: (scene) => wait(20).then(() => speak(scene, PIECES)),
  'once-429': (scene) => once(scene, () => refuse(scene, 429, 'rate_limit_exceeded', { 'retry-after-ms': '5' })),
  'once-500': (scene) => once(scene, () => refuse(scene, 500, 'server_error')),
  'once-reset': (scene) => once(scene, () => scene.request.socket.resetAndDestroy()),
  down: (scene) => refuse(scene, 503, 'overloaded'),
  broken: (scene) => refuse(scene, 500, 'server_error'),
  refuses: (scene) => refuse(scene, 400, 'invalid_request_error'),
  cut: (scene) => breakOff(scene, () => scene.response.destroy()),
  garbage: (scene) => breakOff(scene, () => scene.response.end('data: {"choices":[{"delta"\n\n')),
  stalls: (scene) => breakOff(scene, () => undefined),
};

function* endless(): Generator<string> {
  for (;;) yield ' on';
}

/** Speaks with a pause after each piece, or as fast as it is read. */
async function speak({ response, isStream, voice, begun }: Scene, pieces: Iterable<string>, paceMs = 0): Promise<void> {
  if (!isStream) return sendJson(response, 200, voice.whole([...pieces].join(''), 'stop'));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let said = '';
  for (const piece of pieces) {
    if (response.destroyed) return;
    said = paceMs > 0 || piece === LONG_PIECE ? '' : said + piece;
    if (said !== '' && said.length <= begun.length) continue;
    const isFree = response.write(voice.piece(piece));
    if (paceMs > 0) await wait(paceMs);
    else if (!isFree) await drained(response);
  }
  response.end(voice.end('stop'));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

function callTool({ response, isStream, voice }: Scene): void {
  if (!isStream) {
    sendJson(response, 200, voice.whole('', 'tool'));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(voice.tool() + voice.end('tool'));
}

/** The first half of an answer, surely on its way, and then what breaks it. */
async function breakOff({ response, voice }: Scene, breakNow: () => unknown): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  await new Promise((resolve) => response.write(PIECES.slice(0, HALF).map(voice.piece).join(''), resolve));
  breakNow();
}

function once(scene: Scene, failNow: () => void): unknown {
  if (failedOnce.delete(scene.nonce)) return speak(scene, PIECES);
  failedOnce.add(scene.nonce);
  return failNow();
}

function refuse({ response }: Scene, status: number, code: string, headers: Record<string, string> = {}): void {
  const error = { message: `The provider says ${code}.`, type: 'error', param: null, code };
  sendJson(response, status, { error }, headers);
}

function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (request, response) => {
  if (request.url === '/state') return sendJson(response, 200, { busy });
  busy++;
  response.once('close', () => busy--);
  const body = await text(request).catch(() => null);
  // The caller has left before all was said.
  if (body === null) return;
  const asked = toAsked(request.url ?? '', JSON.parse(body) as Wire);
  const scene = { ...asked, request, response };
  if (BEHAVIOURS[asked.model] === undefined && request.url?.endsWith('/embeddings')) {
    return sendJson(response, 200, { object: 'list', data: [{ embedding: [0.5] }], model: asked.model });
  }
  await (BEHAVIOURS[asked.model] ?? ((one: Scene) => speak(one, PIECES)))(scene);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
