import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import * as queries from '../../src/usage/queries.ts';
import { ATTEMPTS_OF, DELETE_BEFORE, SQLITE_DIALECT } from '../../src/usage/sqlite-store.ts';
import { SQLITE_MIGRATIONS } from '../../src/usage/sqlite-tables.ts';
import type { UsageFilter, UsageGroup } from '../../src/usage/store.ts';
import { ALL, ALL_ENDED, DAY, NOON } from '../support/usage-records.ts';

const db = new DatabaseSync(':memory:');
for (const migration of SQLITE_MIGRATIONS) db.exec(migration);
afterAll(() => db.close());

const OF_A_KEY = { ...ALL, key: 'team-a' };
const LAST_WEEK = { from: NOON - 7 * DAY, to: NOON };
const HASH = 'a'.repeat(64);
const PLACE = { created: NOON, seq: 7 };

const { endedQuery, pageQuery } = queries;
const sumsQuery = (filter: UsageFilter, groups: readonly UsageGroup[], limit: number): queries.Query =>
  queries.sumsQuery(SQLITE_DIALECT, filter, groups, limit);

/** How SQLite goes about it. */
function planOf({ sql, values }: queries.Query): string {
  const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return steps.map(({ detail }) => detail).join('; ');
}

describe('SQLite query plans: the usage of one API key is found by its index', () => {
  it.each([
    ['everything', sumsQuery(OF_A_KEY, ['day', 'model'], 9), '(key=?)'],
    ['a total', sumsQuery(OF_A_KEY, [], 1), '(key=?)'],
    ['a time', sumsQuery({ ...OF_A_KEY, ...LAST_WEEK }, ['key', 'day'], 9), '(key=? AND created>? AND created<?)'],
    ['the beginning of a time', sumsQuery({ ...OF_A_KEY, from: NOON }, [], 1), '(key=? AND created>?)'],
    ['a model', sumsQuery({ ...OF_A_KEY, model: 'luna' }, ['day'], 9), '(key=?)'],
    ['a page', pageQuery(OF_A_KEY, 100, null), '(key=?)'],
    ['a page of failures', pageQuery({ ...OF_A_KEY, outcome: 'failed' }, 100, null), '(key=?)'],
    ['the next page', pageQuery(OF_A_KEY, 100, PLACE), '(key=? AND created<?)'],
    ['a page of a time', pageQuery({ ...OF_A_KEY, ...LAST_WEEK }, 100, null), '(key=? AND created>? AND created<?)'],
  ])('%s', (_name, query, expected) => {
    expect(planOf(query)).toContain(`SEARCH calls USING INDEX calls_key_created ${expected}`);
  });
});

describe('SQLite query plans: the usage of organisations is found by their index', () => {
  const byOrg = 'SEARCH calls USING INDEX calls_org_created';
  it.each([
    ['of one', sumsQuery({ ...ALL, org: 'a' }, ['day'], 9), `${byOrg} (org=?)`],
    ['of several', sumsQuery({ ...ALL, org: ['a', 'b'] }, ['org'], 9), `${byOrg} (org=?)`],
    ['in a time', sumsQuery({ ...ALL, ...LAST_WEEK, org: ['a', 'b'] }, [], 9), `${byOrg} (org=? AND created>?`],
    ['a page of several', pageQuery({ ...ALL, org: ['a', 'b'] }, 9, PLACE), `${byOrg} (org=? AND created<?)`],
  ])('%s', (_name, query, expected) => {
    expect(planOf(query)).toContain(expected);
  });
});

describe('SQLite query plans: the usage of all API keys', () => {
  it('is a table scan, also grouped by key: by the index, each record would be fetched by itself', () => {
    for (const groups of [['day'], ['key'], ['key', 'model'], []] as const) {
      expect(planOf(sumsQuery(ALL, groups, 9))).toMatch(/^SCAN calls(;|$)/);
    }
  });

  it('is found by its time index', () => {
    const byTime = 'SEARCH calls USING INDEX calls_created (created>? AND created<?)';
    for (const groups of [['day'], ['key'], []] as const) {
      expect(planOf(sumsQuery({ ...ALL, ...LAST_WEEK }, groups, 9))).toContain(byTime);
    }
    expect(planOf({ sql: DELETE_BEFORE, values: [NOON, 9] })).toContain('calls_created (created<?)');
  });

  it('comes in pages that need no sorting', () => {
    for (const query of [pageQuery(ALL, 9, null), pageQuery(ALL, 9, PLACE), pageQuery(OF_A_KEY, 9, PLACE)]) {
      expect(planOf(query)).not.toContain('TEMP B-TREE');
    }
  });
});

describe('SQLite query plans: ended calls', () => {
  it.each([
    ['all', endedQuery(ALL_ENDED, 9, null), 'SCAN calls USING INDEX calls_created'],
    ['the next page', endedQuery(ALL_ENDED, 9, PLACE), 'SEARCH calls USING INDEX calls_created (created<?)'],
    ['slow ones', endedQuery({ ...ALL_ENDED, slowerThanMs: 9 }, 9, PLACE), 'calls_created (created<?)'],
    [
      "a key's",
      endedQuery({ ...ALL_ENDED, key: 'a', model: 'm' }, 9, PLACE),
      'calls_key_created (key=? AND created<?)',
    ],
    ['asked or answering', endedQuery({ ...ALL_ENDED, eitherModel: 'm' }, 9, PLACE), 'calls_created (created<?)'],
    ['failures', endedQuery({ ...ALL_ENDED, outcome: 'failed' }, 9, PLACE), 'errors_created (created<?)'],
    ['one code', endedQuery({ ...ALL_ENDED, errorCode: 'x' }, 9, null), 'SCAN calls USING INDEX errors_created'],
    ["a key's failures", endedQuery({ ...ALL_ENDED, key: 'a', errorCode: 'x' }, 9, PLACE), 'errors_key_created (key=?'],
    ['one id', endedQuery({ ...ALL_ENDED, id: 'i' }, 9, null), 'calls_id_created (id=?)'],
    ["one id of a key's", endedQuery({ ...ALL_ENDED, id: 'i', key: 'a' }, 9, null), 'calls_id_created (id=?)'],
    ["one id of a made key's", endedQuery({ ...ALL_ENDED, id: 'i', key: HASH }, 9, null), 'calls_id_created (id=?)'],
    [
      'one id of a time',
      endedQuery({ ...ALL_ENDED, ...LAST_WEEK, id: 'i' }, 9, null),
      'calls_id_created (id=? AND created',
    ],
    ['attempts', { sql: ATTEMPTS_OF, values: [7] }, 'SEARCH attempts USING PRIMARY KEY (call_seq=?)'],
  ])('are found by an index, and need no sorting: %s', (_name, query, expected) => {
    expect(planOf(query)).toContain(expected);
    expect(planOf(query)).not.toContain('TEMP B-TREE');
  });
});
