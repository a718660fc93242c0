import type { Request, Response } from 'express';
import type { Key } from '../access/keys.ts';
import type { Summarizable } from '../calls/summary.ts';
import { toEndedBody } from './ended-body.ts';
import { parseEndedQuery } from './requests-query.ts';
import type { Services } from './services.ts';
import { answered, requesterOf } from './usage.ts';
import { toCursor } from './usage-query.ts';

/** `GET /v1/requests?state=ended`: ended calls, the newest first, in pages: the caller's own, or for an admin any. */
export async function listEnded(
  request: Request,
  response: Response,
  { calls, reports }: Pick<Services, 'calls' | 'reports'>,
): Promise<void> {
  const { filter, keyId, limit, after } = parseEndedQuery(request.query, response.locals['key'] as Key);
  const { records, next } = await answered(reports.endedCalls.ended(requesterOf(response), filter, limit, after));
  const recent = new Map<string, Summarizable>();
  for (const { call } of calls.tracker.ended(keyId))
    recent.set(nameOf(call.key.hash ?? call.key.name, call.id, Math.floor(call.receivedAt / 1000)), call);
  response.json({
    object: 'list',
    data: records.map((record) =>
      toEndedBody(record, recent.get(nameOf(record.key_hash ?? record.key, record.id, record.created))),
    ),
    has_more: next !== null,
    next_cursor: next === null ? null : toCursor(next),
    source: reports.usage === null ? 'memory' : 'log',
  });
}

/** An id may be used again, by its key too; with the second in which the call came it is hardly ever the same. */
function nameOf(keyName: string, id: string, created: number): string {
  return `${created} ${id} ${keyName}`;
}
