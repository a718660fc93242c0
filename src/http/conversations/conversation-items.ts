import type { RequestHandler } from 'express';
import { checkConversationItems } from '../../languages/responses/client-check.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { inSteps } from '../json-body.ts';
import { toList, toNewItems, toShown } from '../responses/items.ts';
import { parsePage } from '../responses/list-query.ts';
import { resolveItems } from '../responses/state.ts';
import { bodyOf, type ConversationServices, idOf, ownerIn, threadsOf, toConversation } from './conversations.ts';

/** `GET /v1/conversations/:id/items`, in pages. */
export function listConversationItems({ answers }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const page = parsePage(request.query);
    const { items, hasMore } = await threadsOf(answers).itemsOf(ownerIn(response), idOf(request), page);
    response.json(toList(items.map(toShown), hasMore));
  };
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
