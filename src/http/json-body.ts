import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import type { ClientRequest, Face } from '../languages/face.ts';
import { GatewayError } from '../protocol/errors.ts';
import { promptTokensInSteps } from '../protocol/estimate.ts';
import { JsonCounter, tooDeep, tooManyValues } from '../protocol/json-budget.ts';
import { encodeSteps } from '../protocol/json-text.ts';
import { atOnce, inTurns } from '../protocol/turns.ts';
import { hasBody, readBody, unreadable } from './body-bytes.ts';
import type { Services } from './services.ts';

/** Above these the work on a request is done in turns of the event loop; below, all of it takes a few milliseconds. */
const LARGE_BYTES = 256 * 1024;
const MANY_VALUES = 10_000;

/** A body of JSON, inflated. */
export interface ParsedBody {
  readonly bytes: Buffer;
  /** `{}` for a body of no bytes. */
  readonly value: unknown;
  /** True for one that has to be worked on in turns. */
  readonly isLarge: boolean;
}

/** Lets the event loop go on with what waits for it. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Reads a body as JSON, whatever its content type says. Its values are counted as they arrive, so that what would cost
 * too much is refused before it is parsed. Null when the request has no body.
 * @param limitBytes of what it is inflated to
 * @param transcode for a body that is not in UTF-8
 * @throws GatewayError 400, 413 or 415
 */
export async function readJsonBody(
  request: IncomingMessage,
  limitBytes: number,
  transcode: Transcode | null = null,
): Promise<ParsedBody | null> {
  if (!hasBody(request)) return null;
  const counter = new JsonCounter();
  const pieces: Buffer[] = [];
  await readBody(request, limitBytes, (arrived) => {
    const piece = transcode?.(arrived) ?? arrived;
    counter.read(piece);
    if (counter.isTooMuch()) throw tooManyValues();
    pieces.push(piece);
  });
  const [only] = pieces;
  const bytes = only && pieces.length === 1 ? only : Buffer.concat(pieces);
  pieces.length = 0;
  if (counter.isTooDeep()) throw counter.isClosed() ? tooDeep() : invalidJson('it ends inside its brackets');
  const isLarge = bytes.length > LARGE_BYTES || counter.values > MANY_VALUES;
  return { bytes, isLarge, value: isLarge ? await parseInTurns(bytes) : parse(bytes.toString('utf8')) };
}

/** The value as the bytes of JSON text, made in turns of the event loop where it is large. */
export function encodeJson(value: unknown): Promise<Buffer> {
  return inTurns(encodeSteps(value), turn);
}

/** Reads the body of our own paths: `request.body`, and `locals.isLarge` for one that has to be worked on in turns. */
export function readJson({ snapshot }: Pick<Services, 'snapshot'>): RequestHandler {
  return (request, response, next) => {
    const take = (body: ParsedBody | null): void => {
      request.body = body?.value;
      response.locals['isLarge'] = body?.isLarge === true;
      next();
    };
    readJsonBody(request, snapshot().config.server.bodyLimitBytes, transcoderFor(request.headers)).then(take, next);
  };
}

/** The body that {@link readJson} has read, as a request in a client's language. @throws GatewayError 400 */
export async function readRequest(face: Face, body: unknown, { locals }: Response): Promise<ClientRequest> {
  if (locals['isLarge'] !== true) return atOnce(face.parse(body));
  const asked = await inTurns(face.parse(body), turn);
  await turn();
  // From now on everybody who asks for the estimate has it at once.
  await inTurns(promptTokensInSteps(asked.request), turn);
  await turn();
  return asked;
}

async function parseInTurns(bytes: Buffer): Promise<unknown> {
  await turn();
  const text = bytes.toString('utf8');
  await turn();
  const value = parse(text);
  await turn();
  return value;
}

function parse(text: string): unknown {
  if (text === '') return {};
  try {
    // A byte order mark is no part of the text.
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw invalidJson(error instanceof Error ? error.message : 'unreadable');
  }
}

function invalidJson(reason: string): GatewayError {
  return new GatewayError('invalid_json', `The body is not valid JSON: ${reason}. Check quotes, commas and encoding.`);
}

type Transcode = (piece: Buffer) => Buffer;

const UTF_16 = /^utf-16(?:le|be)?$/;

/** JSON is UTF-8; null for that. @throws GatewayError 415 for a charset that is no Unicode */
function transcoderFor(headers: IncomingHttpHeaders): Transcode | null {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset === 'utf-8') return null;
  if (!UTF_16.test(charset)) throw unreadable(`unsupported charset "${charset.slice(0, 50).toUpperCase()}"`, 415);
  const decoder = new TextDecoder(charset);
  return (piece) => Buffer.from(decoder.decode(piece, { stream: true }));
}
