import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import type { Replay } from '../calls/replay.ts';
import { GatewayError } from '../protocol/errors.ts';
import { parseCallsQuery, toCallCursor } from './requests-query.ts';
import { followReplay } from './resumable.ts';
import type { Services } from './services.ts';

/** `GET /v1/requests`: the calls in flight of the caller's key, the oldest first, in pages. */
export function listRequests({ register }: Services): RequestHandler {
  return (request, response) => {
    const { limit, after } = parseCallsQuery(request.query);
    const { calls, next } = register.list(keyNameOf(response), limit, after);
    response.json({
      object: 'list',
      data: calls,
      has_more: next !== null,
      next_cursor: next === null ? null : toCallCursor(next),
    });
  };
}

/** `GET /v1/requests/:id`: one call, in flight or recently ended. */
export function retrieveRequest({ register }: Services): RequestHandler {
  return (request, response) => {
    response.json(register.find(keyNameOf(response), idOf(request)));
  };
}

/** `DELETE /v1/requests/:id`: cancels it; again is the same. */
export function cancelRequest({ register }: Services): RequestHandler {
  return (request, response) => {
    response.json({ ...register.cancel(keyNameOf(response), idOf(request)), cancelled: true });
  };
}

/** `GET /v1/requests/:id/stream`: takes a resumable stream up after `Last-Event-ID`, then follows it. */
export function resumeStream({ register, world }: Services): RequestHandler {
  return async (request, response) => {
    const id = idOf(request);
    const stream = register.stream(keyNameOf(response), id);
    // The answer is that call's, and so is its id.
    response.set('x-request-id', id);
    await followReplay(response, stream, lastEventIdOf(request, stream.replay), world().config.server.keepaliveMs);
  };
}

function keyNameOf(response: Response): string {
  return (response.locals['key'] as Key).name;
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
