import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../../access/keys.ts';
import type { Threads } from '../../conversations/threads.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { type JsonRecord, parseJson, recordsOf } from '../../protocol/json.ts';
import type { Services } from '../services.ts';
import type { Answers } from './answers.ts';
import { endedAs } from './ended-as.ts';
import { followRunning } from './follow.ts';
import { pageOf } from './items.ts';
import { badCursor, parsePage, readFlag, readNumber } from './list-query.ts';
import { ownerOf } from './owner.ts';
import { cancelRemote, deleteRemote, listRemoteItems, retrieveRemote } from './remote.ts';
import { isRemote } from './remote-lookup.ts';
import { replayEvents } from './replay-events.ts';
import { toObject } from './stored-object.ts';

type StoredServices = Pick<Services, 'snapshot' | 'calls' | 'answers'>;

/** `GET /v1/responses/:id`: the response as it is now, or with `stream=true` its events after `starting_after`. */
export function retrieveResponse(services: StoredServices): RequestHandler {
  const { answers, calls, snapshot } = services;
  return async (request, response) => {
    const { owner, id, threads } = placeOf(request, response, answers);
    const isStream = readFlag(request.query, 'stream');
    const after = readNumber(request.query, 'starting_after');
    const now = isStream ? null : runningNow(answers, owner, id);
    const running = answers.running.findStream(owner, id);
    const found = now === null && running === null ? await threads.response(owner, id) : null;
    if (found && isRemote(found.response)) {
      return retrieveRemote({ kept: found.response, threads, request, response }, services);
    }
    if (!isStream) {
      response.json(now ?? toObject(found ?? (await threads.response(owner, id))));
      return;
    }
    const { keepaliveMs } = snapshot().config.server;
    const from = after === null ? 0 : after + 1;
    const headers = (): Record<string, string> => ({ 'x-request-id': id });
    if (running?.writer.isStream()) await followRunning(response, running, { from, keepaliveMs, headers });
    else await replayEvents(response, { threads, owner, id, from, keepaliveMs, headers, now: calls.context.now });
  };
}

/** `DELETE /v1/responses/:id`; one that still runs is cancelled first. */
export function deleteResponse(services: StoredServices): RequestHandler {
  const { answers } = services;
  return async (request, response) => {
    const { owner, id, threads } = placeOf(request, response, answers);
    const found = await threads.find(owner, id);
    if (found && isRemote(found.response)) {
      await deleteRemote({ kept: found.response, threads, request, response }, services);
    }
    await cancelRunning(answers, owner, id);
    await threads.remove(owner, id);
    answers.running.remove({ id });
    response.json({ id, object: 'response.deleted', deleted: true });
  };
}

/** `POST /v1/responses/:id/cancel`: the response; of one that has ended, as it is. One that ends with its client is refused. */
export function cancelResponse(services: StoredServices): RequestHandler {
  const { answers, calls } = services;
  return async (request, response) => {
    const { owner, id, threads } = placeOf(request, response, answers);
    await cancelRunning(answers, owner, id);
    const kept = await threads.find(owner, id);
    if (kept && isRemote(kept.response)) {
      return cancelRemote({ kept: kept.response, threads, request, response }, services);
    }
    // In the foreground it is not kept before its end.
    if (calls.tracker.has(keyOf(response).id, id)) throw synchronous();
    const found = kept ?? (await threads.response(owner, id));
    const { status, isBackground } = found.response;
    if (!isBackground && toObject(found)['conversation'] === undefined) throw synchronous();
    const isRunning = status === 'queued' || status === 'in_progress';
    // Another process runs it: it finds that it has ended when it renews its lease. It may have been faster, too.
    const ended = isRunning ? await endedAs('cancelled', found, threads, calls.context.now()) : toObject(found);
    response.json(ended ?? toObject(await threads.response(owner, id)));
  };
}

/** `GET /v1/responses/:id/input_items`: all that it was asked with what stood before, in pages. */
export function listInputItems(services: StoredServices): RequestHandler {
  const { answers } = services;
  return async (request, response) => {
    const { owner, id, threads } = placeOf(request, response, answers);
    const found = await threads.response(owner, id);
    if (isRemote(found.response)) {
      return listRemoteItems({ kept: found.response, threads, request, response }, services);
    }
    const page = parsePage(request.query);
    const items = recordsOf(parseJson(await threads.inputOf(owner, id)));
    response.json(pageOf(items, page) ?? badCursor(page.after));
  };
}

/** A response that runs here, as it is; null where it has ended: only what is kept has. */
function runningNow({ running }: Answers, owner: string, id: string): JsonRecord | null {
  const found = running.find(owner, id);
  if (found === null) return null;
  const snapshot = found.writer.snapshot();
  if (snapshot['status'] === 'queued' || snapshot['status'] === 'in_progress') return snapshot;
  // It is being kept, and has not ended before that.
  return { ...snapshot, ...NOT_ENDED };
}

const NOT_ENDED = { status: 'in_progress', completed_at: null, usage: null, error: null, incomplete_details: null };

async function cancelRunning({ running }: Answers, owner: string, id: string): Promise<void> {
  const found = running.find(owner, id);
  if (found === null) return;
  found.abort(new GatewayError('request_cancelled', 'The response was cancelled.'));
  await found.ended.catch(() => undefined);
}

function synchronous(): GatewayError {
  const message = 'Cannot cancel a synchronous response. Close its connection, or DELETE /v1/requests/:id.';
  return new GatewayError('invalid_request_error', message);
}

interface StoredPlace {
  readonly owner: string;
  readonly id: string;
  readonly threads: Threads;
}

function placeOf(request: Request, response: Response, { threads }: Answers): StoredPlace {
  const id = String(request.params['id']);
  if (threads === null) {
    throw new GatewayError(
      'not_found',
      `Response with id '${id.slice(0, 100)}' not found: none is kept (responses.store: off).`,
      {
        bodyCode: null,
      },
    );
  }
  return { owner: ownerOf(keyOf(response)), id, threads };
}

function keyOf(response: Response): Key {
  return response.locals['key'] as Key;
}
