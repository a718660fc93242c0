import type { RequestHandler } from 'express';
import type { SaidBy } from '../../conversations/said-by.ts';
import { checkConversationItems } from '../../languages/responses/client-check.ts';
import { GatewayError } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import { inSteps } from '../json-body.ts';
import { toList, toNewItems, toShown } from '../responses/items.ts';
import { parsePage, readFlag } from '../responses/list-query.ts';
import { resolveItems } from '../responses/state.ts';
import { bodyOf, type ConversationServices, idOf, ownerIn, threadsOf, toConversation } from './conversations.ts';

/** `GET /v1/conversations/:id/items`, in pages; with `responses=true` also which response said, or was asked, which. */
export function listConversationItems({ answers }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const page = parsePage(request.query);
    const wantsResponses = readFlag(request.query, 'responses');
    const threads = threadsOf(answers);
    const { items, hasMore } = await threads.itemsOf(ownerIn(response), idOf(request), page);
    const list = toList(items.map(toShown), hasMore);
    if (!wantsResponses) response.json(list);
    else {
      const ids = items.map(({ id }) => id);
      response.json({ ...list, responses: toResponses(await threads.saidBy(ownerIn(response), ids)) });
    }
  };
}

/** By the id of the item. The id of a response is that of its call. */
function toResponses(found: readonly SaidBy[]): JsonRecord {
  const entries = found.map(({ item, response, createdAt }) => {
    return [item, { id: response, created_at: Math.floor(createdAt / 1000) }] as const;
  });
  return Object.fromEntries(entries);
}

/** `POST /v1/conversations/:id/items`: adds some, and answers with what was added. */
export function addConversationItems({ answers }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const given = bodyOf(request)['items'];
    if (given === undefined || given === null) {
      const message = "Missing required parameter: 'items'. Expected an array of at most 20 items.";
      throw new GatewayError('missing_required_parameter', message, { param: 'items' });
    }
    const items = await inSteps(checkConversationItems(given), response);
    const threads = threadsOf(answers);
    const resolved = await resolveItems(threads, ownerIn(response), items);
    const kept = await inSteps(toNewItems(resolved, answers.ids), response);
    await threads.addItems(ownerIn(response), idOf(request), kept);
    response.json(toList(kept.map(toShown), false));
  };
}

/** `GET /v1/conversations/:id/items/:item`. */
export function retrieveConversationItem({ answers }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const item = await threadsOf(answers).item(ownerIn(response), idOf(request), String(request.params['item']));
    response.json(toShown(item));
  };
}

/** `DELETE /v1/conversations/:id/items/:item`: answers with the conversation, as OpenAI does. */
export function deleteConversationItem({ answers }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const thread = await threadsOf(answers).removeItem(
      ownerIn(response),
      idOf(request),
      String(request.params['item']),
    );
    response.json(toConversation(thread));
  };
}
