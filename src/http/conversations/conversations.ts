import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../../access/keys.ts';
import type { NewConversation } from '../../conversations/conversations.ts';
import type { KeptThread } from '../../conversations/records.ts';
import type { Threads } from '../../conversations/threads.ts';
import { checkConversationItems, refuseBadMetadata } from '../../languages/responses/client-check.ts';
import { createId } from '../../languages/responses/words.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { isRecord, type JsonRecord, parseJson, recordOf, stringOf } from '../../protocol/json.ts';
import { inSteps } from '../json-body.ts';
import type { Answers } from '../responses/answers.ts';
import { toList, toNewItems } from '../responses/items.ts';
import { parsePage, readText } from '../responses/list-query.ts';
import { ownerOf } from '../responses/owner.ts';
import { resolveItems } from '../responses/state.ts';
import type { Services } from '../services.ts';

/** What the routes of conversations take. */
export type ConversationServices = Pick<Services, 'calls' | 'answers'>;

/** `POST /v1/conversations`: a new one, with its first items. */
export function createConversation({ answers, calls }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const threads = threadsOf(answers);
    const body = bodyOf(request);
    const items = await inSteps(checkConversationItems(body['items'] ?? []), response);
    const resolved = await resolveItems(threads, ownerIn(response), items);
    const kept = await inSteps(toNewItems(resolved, answers.ids), response);
    const conversation = newConversation(createId('conv', answers.ids), body, response, calls.context.now());
    await threads.createConversation(conversation, kept);
    response.json(toConversation(await threads.conversation(conversation.owner, conversation.id)));
  };
}

/** `GET /v1/conversations/:id`. */
export function retrieveConversation({ answers }: ConversationServices): RequestHandler {
  return async (request, response) => {
    response.json(toConversation(await threadsOf(answers).conversation(ownerIn(response), idOf(request))));
  };
}

/** `POST /v1/conversations/:id`: replaces its metadata. */
export function updateConversation({ answers, calls }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const changed = newConversation(idOf(request), bodyOf(request), response, calls.context.now());
    response.json(toConversation(await threadsOf(answers).updateConversation(changed)));
  };
}

/** `DELETE /v1/conversations/:id`: erases it with its items. */
export function deleteConversation({ answers }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const id = idOf(request);
    await threadsOf(answers).removeConversation(ownerIn(response), id);
    response.json({ id, object: 'conversation.deleted', deleted: true });
  };
}

/** `GET /v1/conversations`: by last activity, the newest first; `q` finds words of title and texts. */
export function listConversations({ answers }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const page = parsePage(request.query);
    const words = readText(request.query, 'q') ?? '';
    const query = { ...page, limit: page.limit + 1, metadata: metadataIn(request.query) };
    const found = await threadsOf(answers).listConversations(ownerIn(response), words, query);
    const shown = found.slice(0, page.limit).map((thread) => ({
      ...toConversation(thread),
      updated_at: Math.floor(thread.updatedAt / 1000),
      running: thread.running,
    }));
    response.json(toList(shown, found.length > page.limit));
  };
}

/** `POST /v1/conversations/:id/fork`: a conversation of its own with the items up to one of this. */
export function forkConversation({ answers, calls }: ConversationServices): RequestHandler {
  return async (request, response) => {
    const threads = threadsOf(answers);
    const body = bodyOf(request);
    const after = stringOf(body['after_item']);
    if (after === null) {
      const message =
        "Missing required parameter: 'after_item'. Expected the id of the last item that the fork begins with.";
      throw new GatewayError('missing_required_parameter', message, { param: 'after_item' });
    }
    const from = await threads.conversation(ownerIn(response), idOf(request));
    const metadata = body['metadata'] ?? parseJson(from.metadata);
    const fork = newConversation(createId('conv', answers.ids), { metadata }, response, calls.context.now());
    response.json(toConversation(await threads.fork(from.id, after, fork)));
  };
}

/** What a client is shown of it; never its items. */
export function toConversation({ id, createdAt, metadata }: KeptThread): JsonRecord {
  return { id, object: 'conversation', created_at: Math.floor(createdAt / 1000), metadata: parseJson(metadata) };
}

/** @throws GatewayError 404 where none is kept */
export function threadsOf({ threads }: Answers): Threads {
  if (threads !== null) return threads;
  throw new GatewayError('not_found', 'This gateway keeps no conversations (responses.store: off).', {
    bodyCode: null,
  });
}

/** Whose conversations the client sees. */
export function ownerIn(response: Response): string {
  return ownerOf(response.locals['key'] as Key);
}

/** The id in the path. */
export function idOf(request: Request): string {
  return String(request.params['id']);
}

/** @throws GatewayError 400 for what is no object */
export function bodyOf(request: Request): JsonRecord {
  const body: unknown = request.body ?? {};
  if (isRecord(body)) return body;
  throw new GatewayError('invalid_type', 'Invalid request body: expected a JSON object.');
}

function newConversation(id: string, body: JsonRecord, response: Response, now: number): NewConversation {
  refuseBadMetadata(body['metadata'] ?? {}, body);
  const metadata = recordOf(body['metadata']);
  return {
    owner: ownerIn(response),
    id,
    metadata: JSON.stringify(metadata),
    title: stringOf(metadata['title']) ?? '',
    at: Math.round(now),
  };
}

/** `metadata[topic]=tides`. */
function metadataIn(query: Readonly<Record<string, unknown>>): JsonRecord {
  const named = Object.entries(query).flatMap(([name, value]) => {
    const key = /^metadata\[(.{1,64})\]$/.exec(name)?.[1];
    return key === undefined || typeof value !== 'string' ? [] : [[key, value] as const];
  });
  return Object.fromEntries(named);
}
