import type { RequestHandler, Response } from 'express';
import type { Key } from '../access/keys.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { Requester } from '../usage/fair-queue.ts';
import type { UsageFilter, UsageSums } from '../usage/store.ts';
import type { Reports, Services } from './services.ts';
import { MAX_GROUPS, recordBody, sumsBody } from './usage-body.ts';
import { MAX_CSV_ROWS, sumsCsv } from './usage-csv.ts';
import { type AskedUsage, ownUsage, parsePageQuery, parseSumsQuery, type SumsQuery, toCursor } from './usage-query.ts';

/** `GET /v1/usage`: what calls came to, as a total and split by `group_by`; with `format=csv` as a table. */
export function usageSums({ reports, access }: Pick<Services, 'reports' | 'access'>): RequestHandler {
  return async (request, response) => {
    const asked = parseSumsQuery(request.query);
    const { groups, zone, format } = asked;
    const read = opened(reports);
    const filter = await visibleTo(response, asked.filter, { access });
    const requester = requesterOf(response);
    const sums = (of: SumsQuery['groups'], limit: number): Promise<readonly UsageSums[]> =>
      answered(read.sums(requester, filter, of, limit, zone.aheadSeconds));
    if (format === 'csv') return sendCsv(response, asked, await sums(groups, MAX_CSV_ROWS + 1));
    const [total] = await sums([], 1);
    const found = groups.length === 0 ? [] : await sums(groups, MAX_GROUPS + 1);
    response.json(sumsBody({ filter, groups, zone, total, found }));
  };
}

function sendCsv(response: Response, asked: SumsQuery, rows: readonly UsageSums[]): void {
  if (rows.length > MAX_CSV_ROWS) {
    const message = `These are more than ${MAX_CSV_ROWS} rows. Ask for a shorter time with from and to, or group by less.`;
    throw new GatewayError('invalid_value', message, { param: 'group_by' });
  }
  response.set({
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="usage.csv"',
    'x-content-type-options': 'nosniff',
  });
  response.send(sumsCsv(asked, rows));
}

/** `GET /v1/usage/records`: one record per call, the newest first. */
export function usageRecords({ reports, access }: Pick<Services, 'reports' | 'access'>): RequestHandler {
  return async (request, response) => {
    const { filter, limit, after } = parsePageQuery(request.query);
    const read = opened(reports);
    const visible = await visibleTo(response, filter, { access });
    const { records, next } = await answered(read.page(requesterOf(response), visible, limit, after));
    response.json({
      object: 'list',
      data: records.map(recordBody),
      has_more: next !== null,
      next_cursor: next === null ? null : toCursor(next),
    });
  };
}

/** A key sees its own, one that manages an organisation that of it and its teams; an admin, and everybody where there are no keys, sees all. */
async function visibleTo(
  response: Response,
  filter: AskedUsage,
  { access }: Pick<Services, 'access'>,
): Promise<UsageFilter> {
  const key = response.locals['key'] as Key;
  if (key.isAdmin) return filter;
  if (typeof key.manages === 'object') return { ...filter, org: await access.orgs.ofUsage(key, filter.org) };
  const own = ownUsage(key);
  if (filter.key === null || filter.key === own.key) return { ...filter, key: own.key, org: own.org ?? filter.org };
  const message = `key: expected '${own.key}', your own; found another. Only a key with admin: true sees those of others.`;
  throw new GatewayError('invalid_value', message, { param: 'key' });
}

/** Who has gone does not have to be answered: what still waits for its turn is left undone. */
export function requesterOf(response: Response): Requester {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return { keyName: (response.locals['key'] as Key).id, signal: gone.signal };
}

function opened({ usage }: Reports): NonNullable<Reports['usage']> {
  if (usage !== null) return usage;
  throw new GatewayError('usage_unavailable', 'The usage log is off: the configuration says usage.store: none.');
}

/** @throws GatewayError 503 `usage_unavailable` */
export async function answered<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    // The reason names a path of this machine, which is the operator's business: the log has it.
    throw new GatewayError('usage_unavailable', 'The usage log cannot be read now. Try again in a moment.', {
      cause: error,
    });
  }
}
