import type { RequestHandler } from 'express';
import { refuseBadModelName } from '../../languages/chat/client-check.ts';
import { recordOf } from '../../protocol/json.ts';
import { type Labels, labelsOf } from '../../protocol/labels.ts';
import type { Registry } from '../../routing/registry.ts';
import type { Target } from '../../routing/target.ts';
import { encodeJson, type ParsedBody, readJsonBody } from '../json-body.ts';
import type { Services } from '../services.ts';

/** Who serves a request, and its body where that had to be read. */
export interface PassedChoice {
  readonly target: Target;
  /** Empty where the request names none. */
  readonly requestedModel: string;
  readonly body: Buffer | null;
  /** None where the body is not JSON. */
  readonly labels: Labels;
}

/** JSON is read for its `model`, within `server.body_limit`: `request.body`. Every other body stays a stream. */
export function readJson({ snapshot }: Pick<Services, 'snapshot'>): RequestHandler {
  return (request, _response, next) => {
    if (!request.is('application/json')) return next();
    readJsonBody(request, snapshot().config.server.bodyLimitBytes).then((body) => {
      request.body = body;
      next();
    }, next);
  };
}

/** The target of the model that is named, or the default provider. @throws GatewayError 400, 404 */
export async function chooseTarget(body: ParsedBody | null, registry: Registry): Promise<PassedChoice> {
  const requestedModel = modelOf(body);
  const target = registry.locate(requestedModel);
  const { upstream } = target.facts;
  const labels = labelsOf(recordOf(body?.value));
  if (body === null || upstream === requestedModel)
    return { target, requestedModel, labels, body: body?.bytes ?? null };
  return { target, requestedModel, labels, body: await encodeJson({ ...recordOf(body.value), model: upstream }) };
}

function modelOf(body: ParsedBody | null): string {
  const { model } = recordOf(body?.value);
  if (typeof model !== 'string') return '';
  refuseBadModelName(model, 'model');
  return model;
}
