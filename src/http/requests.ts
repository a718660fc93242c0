import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import type { Replay } from '../calls/replay.ts';
import { GatewayError } from '../protocol/errors.ts';
import { listEnded } from './ended.ts';
import { isEndedQuery, parseCallsQuery, parseOwner, toCallCursor } from './requests-query.ts';
import { followReplay } from './resumable.ts';
import type { Services } from './services.ts';

/** `GET /v1/requests`: the calls in flight, the oldest first, in pages: the caller's own, or for an admin any. With `state=ended`: {@link listEnded}. */
export function listRequests(services: Pick<Services, 'calls' | 'reports'>): RequestHandler {
  return async (request, response) => {
    if (isEndedQuery(request.query)) return listEnded(request, response, services);
    const { keyId, limit, after } = parseCallsQuery(request.query, keyOf(response));
    const { calls, next } = services.calls.tracker.list(keyId, limit, after);
    response.json({
      object: 'list',
      data: calls,
      has_more: next !== null,
      next_cursor: next === null ? null : toCallCursor(next),
    });
  };
}

/** `GET /v1/requests/:id`: one call, in flight or recently ended; `?key=` for an admin. */
export function retrieveRequest({ calls }: Pick<Services, 'calls'>): RequestHandler {
  return (request, response) => {
    const id = idOf(request);
    response.json(calls.tracker.find(parseOwner(request.query, keyOf(response), id), id));
  };
}

/** `DELETE /v1/requests/:id`: cancels it; again is the same. `?key=` for an admin. */
export function cancelRequest({ calls }: Pick<Services, 'calls'>): RequestHandler {
  return (request, response) => {
    const id = idOf(request);
    const owner = parseOwner(request.query, keyOf(response), id);
    response.json({ ...calls.tracker.cancel(owner, id), cancelled: true });
  };
}

/** `GET /v1/requests/:id/stream`: takes a resumable stream up after `Last-Event-ID`, then follows it. */
export function resumeStream({ snapshot, calls }: Pick<Services, 'snapshot' | 'calls'>): RequestHandler {
  return async (request, response) => {
    const id = idOf(request);
    const stream = calls.tracker.stream(keyOf(response).id, id);
    // The answer is that call's, and so is its id.
    response.set('x-request-id', id);
    await followReplay(response, stream, lastEventIdOf(request, stream.replay), snapshot().config.server.keepaliveMs);
  };
}

function keyOf(response: Response): Key {
  return response.locals['key'] as Key;
}

function idOf(request: Request): string {
  return String(request.params['id']);
}

/** 0, the beginning, where the header is missing. */
function lastEventIdOf(request: Request, replay: Replay): number {
  const header = request.get('last-event-id');
  if (header === undefined || header === '') return 0;
  const id = /^\d{1,12}$/.test(header) ? Number(header) : -1;
  if (id >= 0 && id <= replay.lastId()) return id;
  const known = replay.lastId() === 0 ? 'no events yet' : `events 1 to ${replay.lastId()}`;
  const found = `Last-Event-ID is '${header.slice(0, 40)}', but the stream has ${known}.`;
  throw new GatewayError('invalid_value', `${found} Send the number of the last one you have.`);
}
