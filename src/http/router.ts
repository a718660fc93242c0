import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import type { ChatRequest } from '../protocol/chat.ts';
import { isRecord } from '../protocol/json.ts';
import { atOnce, inTurns } from '../protocol/turns.ts';
import { explainInSteps } from '../routing/explain.ts';
import { createPlan, type Plan } from '../routing/plan.ts';
import { readChat, turn } from './json-body.ts';
import type { Services } from './services.ts';

/** Whoever names no model wants one chosen. */
const DEFAULT_MODEL = 'auto';

/** `POST /v1/router/choose`: who would answer, and why. Spends nothing. */
export function chooseRoute(services: Services): RequestHandler {
  return async (request, response) => {
    const chat = await readChat(toChatBody(request.body), response);
    const steps = explainInSteps(planFor(chat, request, response, services), chat, services);
    response.json(response.locals['isLarge'] === true ? await inTurns(steps, turn) : atOnce(steps));
  };
}

/** The plan of a request, for whoever sent it. */
export function planFor(chat: ChatRequest, request: Request, response: Response, services: Services): Plan {
  const { name: keyName } = response.locals['key'] as Key;
  const caller = { keyName, header: (name: string) => request.get(name) };
  return createPlan(services.snapshot().registry, chat, caller, services);
}

/** A message alone is a chat with one turn. */
function toChatBody(body: unknown): unknown {
  if (!isRecord(body)) return body;
  const { message, ...rest } = body;
  const messages = message === undefined ? {} : { messages: [{ role: 'user', content: message }] };
  return { model: DEFAULT_MODEL, ...messages, ...rest };
}
