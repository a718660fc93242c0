import express, { type Request, type RequestHandler } from 'express';
import { refuseTooDeep } from '../../protocol/depth.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { isRecord, type JsonRecord, parseJson } from '../../protocol/json.ts';
import type { Target } from '../../routing/target.ts';
import type { Services } from '../services.ts';

/** Who serves a request, and its body where that had to be read. */
export interface Choice {
  readonly target: Target;
  /** Empty where the request names none. */
  readonly requestedModel: string;
  readonly body: Buffer | null;
}

/** JSON is read for its `model`, within `server.body_limit`; every other body stays a stream. */
export function readJson({ world }: Services): RequestHandler {
  return (request, response, next) => {
    express.raw({ type: 'application/json', limit: world().config.server.bodyLimitBytes })(request, response, next);
  };
}

/** The JSON that was read; null for a body that stays a stream, or is no object. @throws GatewayError 400 */
export function jsonOf(request: Request): JsonRecord | null {
  const body: unknown = request.body;
  if (!Buffer.isBuffer(body) || body.length === 0) return null;
  const parsed = parseJson(body.toString('utf8'));
  if (parsed === undefined) throw new GatewayError('invalid_json', 'The body is not valid JSON.');
  refuseTooDeep(parsed);
  return isRecord(parsed) ? parsed : null;
}

/** The target of the model that is named, or the default provider. @throws GatewayError 400, 404 */
export function chooseTarget(request: Request, json: JsonRecord | null, { world }: Services): Choice {
  const body = Buffer.isBuffer(request.body) ? request.body : null;
  const requestedModel = modelOf(json);
  const target = world().registry.locate(requestedModel);
  const { upstream } = target.facts;
  return { target, requestedModel, body: upstream === requestedModel ? body : rewritten(json ?? {}, upstream) };
}

/** A name stands in headers, logs and records. */
const MAX_MODEL_CHARS = 256;

function modelOf(json: JsonRecord | null): string {
  const model = json?.['model'];
  if (typeof model !== 'string') return '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (model.length <= MAX_MODEL_CHARS && !/[\u0000-\u001f\u007f-\u009f]/.test(model)) return model;
  const message = `Invalid value for 'model': expected at most ${MAX_MODEL_CHARS} characters and no control characters.`;
  throw new GatewayError('invalid_value', message, { param: 'model' });
}

function rewritten(json: JsonRecord, model: string): Buffer {
  return Buffer.from(JSON.stringify({ ...json, model }));
}
