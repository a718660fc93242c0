import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import { chatFace } from '../languages/chat/client-face.ts';
import { isRecord } from '../protocol/json.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import { atOnce, inTurns } from '../protocol/turns.ts';
import { explainInSteps } from '../routing/explain.ts';
import { createPlan, type Plan } from '../routing/plan.ts';
import { readRequest, turn } from './json-body.ts';
import { targetFilterOf } from './model-access.ts';
import type { Services } from './services.ts';

/** A client that names no model wants one chosen. */
const DEFAULT_MODEL = 'auto';

/** `POST /v1/router/choose`: who would answer, and why. Spends nothing. */
export function chooseRoute(services: Pick<Services, 'snapshot' | 'routing'>): RequestHandler {
  return async (request, response) => {
    const asked = await readRequest(chatFace, toChatBody(request.body), response);
    const plan = planFor(asked.request, request, response, services);
    const steps = explainInSteps(plan, asked.request, services.routing);
    response.json(response.locals['isLarge'] === true ? await inTurns(steps, turn) : atOnce(steps));
  };
}

/** The plan of a request, for the key that sent it. */
export function planFor(
  wanted: ModelRequest,
  request: Request,
  response: Response,
  { snapshot, routing }: Pick<Services, 'snapshot' | 'routing'>,
): Plan {
  const key = response.locals['key'] as Key;
  const { registry } = snapshot();
  const caller = {
    id: key.id,
    keyName: key.name,
    mayUse: targetFilterOf(key, registry),
    header: (name: string) => request.get(name),
  };
  return createPlan(registry, wanted, caller, routing);
}

/** A message alone is a chat with one turn. */
function toChatBody(body: unknown): unknown {
  if (!isRecord(body)) return body;
  const { message, ...rest } = body;
  const messages = message === undefined ? {} : { messages: [{ role: 'user', content: message }] };
  return { model: DEFAULT_MODEL, ...messages, ...rest };
}
