import { describe, expect, it } from 'vitest';
import type { AuditBody } from '../../console/src/feed/wire.ts';
import { NO_ENTRIES, withNewest, withOlder } from '../../console/src/pages/keys/audit-list.ts';
import {
  doneWords,
  keyOfActor,
  linesOf,
  nameOf,
  namesOf,
  shortened,
} from '../../console/src/pages/keys/audit-words.ts';
import { dateTime } from '../../console/src/parts/format.ts';

const HASH = 'ab'.repeat(32);

function entryOf(parts: Partial<AuditBody> = {}): AuditBody {
  const at = '2026-11-29T12:00:00.000Z';
  return { id: '1', at, actor: 'key:ops', action: 'key.changed', subject: HASH, org_id: null, change: {}, ...parts };
}

/** Entries with these ids, the newest first. */
function pageOf(ids: readonly number[], next: string | null = null) {
  return { data: ids.map((id) => entryOf({ id: String(id) })), next_cursor: next };
}

describe('the list of changes', () => {
  const idsOf = ({ rows }: { rows: readonly AuditBody[] }): number[] => rows.map(({ id }) => Number(id));

  it('keeps what was shown when newer ones come', () => {
    const first = withNewest(NO_ENTRIES, pageOf([3, 2], 'after 2'));
    const both = withOlder(first, pageOf([1]), 'after 2');
    expect([idsOf(both), both.next]).toEqual([[3, 2, 1], null]);
    const now = withNewest(both, pageOf([4, 3], 'after 3'));
    expect([idsOf(now), now.next]).toEqual([[4, 3, 2, 1], null]);
    expect(withNewest(now, pageOf([4, 3], 'after 3'))).toBe(now);
  });

  it('begins anew rather than leave any out', () => {
    const first = withNewest(NO_ENTRIES, pageOf([2, 1], 'after 1'));
    const now = withNewest(first, pageOf([9, 8], 'after 8'));
    expect([idsOf(now), now.next]).toEqual([[9, 8], 'after 8']);
    expect(withOlder(now, pageOf([0]), 'after 1')).toBe(now);
    expect(withNewest(now, pageOf([]))).toEqual(NO_ENTRIES);
  });
});

describe('a change in words', () => {
  it('has each field with what it was and what it is, and limits one by one', () => {
    const change = {
      disabled: [false, true],
      models: [null, ['demo', 'gpt-*']],
      expires_at: [null, 1_796_000_000_000],
      limits: [
        { rpm_limit: 1000, limit: 5, model_limits: { demo: { rpm_limit: 1 } } },
        { rpm_limit: null, limit: 5, budgets: { day: 0, month: null }, model_limits: {} },
      ],
    };
    expect(linesOf({ action: 'key.changed', change })).toEqual([
      { field: 'disabled', before: 'no', after: 'yes' },
      { field: 'models', before: 'all', after: 'demo, gpt-*' },
      { field: 'expires_at', before: 'never', after: dateTime(1_796_000_000_000) },
      { field: 'rpm_limit', before: '1,000', after: 'none' },
      { field: 'model_limits', before: 'demo (rpm_limit 1)', after: 'none' },
      { field: 'budgets', before: 'none', after: 'day 0' },
    ]);
  });

  it('has of what was made only what it was made with', () => {
    const change = {
      name: 'team',
      kind: 'call',
      disabled: false,
      models: ['a', 'b'],
      limits: { limit: 1 },
      creator: 'key:ops',
      metadata: {},
    };
    expect(linesOf({ action: 'key.created', change })).toEqual([
      { field: 'name', before: null, after: 'team' },
      { field: 'kind', before: null, after: 'call' },
      { field: 'models', before: null, after: 'a, b' },
      { field: 'limit', before: null, after: '1' },
    ]);
    expect(linesOf({ action: 'key.reset', change: { window: 'day' } })).toEqual([
      { field: 'window', before: null, after: 'day' },
    ]);
  });

  it('of a key that was moved has what it was in the one organisation, and what it is in the other', () => {
    expect([doneWords({ action: 'key.left' }), doneWords({ action: 'key.joined' })]).toEqual([
      'moved away',
      'moved here',
    ]);
    expect(linesOf({ action: 'key.left', change: { name: 'team', limits: { limit: 5 } } })).toEqual([
      { field: 'name', before: null, after: 'team' },
      { field: 'limit', before: null, after: '5' },
    ]);
    expect(linesOf({ action: 'key.joined', change: { org_id: 'b', limits: { limit: 7 } } })).toEqual([
      { field: 'org_id', before: null, after: 'b' },
      { field: 'limit', before: null, after: '7' },
    ]);
  });

  it('of a rotation has both labels, and until when the one before holds', () => {
    const change = { label: ['sk-sl-a…b', 'sk-sl-c…d'], old_until: 1_796_000_000_000 };
    expect(linesOf({ action: 'key.rotated', change })).toEqual([
      { field: 'label', before: 'sk-sl-a…b', after: 'sk-sl-c…d' },
      { field: 'old_until', before: null, after: dateTime(1_796_000_000_000) },
    ]);
  });
});

describe('names in the changes', () => {
  it('are those that keys have, or had last, else the beginning of the hash', () => {
    const gone = 'cd'.repeat(32);
    const entries = [
      entryOf({ subject: HASH, change: { name: ['first', 'second'] } }),
      entryOf({ subject: gone, action: 'key.deleted', change: { name: 'gone' } }),
      entryOf({ subject: HASH, action: 'key.created', change: { name: 'first' } }),
    ];
    expect(nameOf(HASH, namesOf(entries, []))).toBe('second');
    expect(nameOf(gone, namesOf(entries, []))).toBe('gone');
    expect(nameOf(HASH, namesOf(entries, [{ hash: HASH, name: 'now' }]))).toBe('now');
    expect(nameOf(HASH, new Map())).toBe('abababab…');
    expect(shortened('acme')).toBe('acme');
  });

  it('of who did it are those of keys, or of the operator', () => {
    expect(keyOfActor({ actor: 'key:ops' })).toBe('ops');
    expect(keyOfActor({ actor: 'command line' })).toBeNull();
  });
});
