import type { RequestHandler } from 'express';
import type { Key } from '../../access/keys.ts';
import { encodeCursor } from '../query.ts';
import type { KeyServices } from './keys.ts';
import { parseAuditQuery } from './queries.ts';
import { toAuditData } from './shapes.ts';

/** `GET /v1/audit`: who changed what, the newest first. */
export function listAuditEntries({ access }: KeyServices): RequestHandler {
  return async (request, response) => {
    const { subject, limit, before } = parseAuditQuery(request.query);
    const key = response.locals['key'] as Key;
    const found = await access.keys.audit(key, { subject, before, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const hasMore = found.length > limit;
    response.json({
      object: 'list',
      data: shown.map(toAuditData),
      has_more: hasMore,
      next_cursor: hasMore && last ? encodeCursor(`audit:${last.seq}`) : null,
    });
  };
}
