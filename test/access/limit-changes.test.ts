import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LimitChanges } from '../../src/access/limit-changes.ts';
import { LimitWatch } from '../../src/access/limit-watch.ts';
import { ACCESS_ENGINES, openAccess } from '../support/access.ts';
import { keptKey } from '../support/kept-key.ts';

const ACT = { actor: 'test', at: 1 };
const KEY = keptKey();
const ORG = { id: 'acme', name: 'acme', parentId: null, isDisabled: false, limits: {}, models: null, metadata: {} };

describe.each(ACCESS_ENGINES)('changed limits on %s', (_engine, isSkipped, createUrl) => {
  it.skipIf(isSkipped)('are told as they are now, of what was changed after an entry', async () => {
    const store = await openAccess(createUrl);
    await store.createKey(KEY, { digest: 'd' }, false, ACT);
    await store.createOrg({ ...ORG, version: 1, createdAt: 1, updatedAt: 1 }, false, ACT);
    const { lastEntry: made } = await store.accessState();
    expect(await store.limitsChangedSince(made, made)).toEqual({ scopes: [], resets: [], gone: [] });
    await store.changeKey(KEY.hash, null, { limits: { rpm_limit: 1 } }, false, ACT);
    await store.changeKey(KEY.hash, null, { limits: { rpm_limit: 2 } }, false, ACT);
    await store.changeKey(KEY.hash, null, { name: 'b' }, false, ACT);
    await store.changeOrg('acme', null, { limits: { limit: 5 } }, ACT);
    await store.resetKey(KEY.hash, null, 'day', ACT);
    const { lastEntry } = await store.accessState();
    const { scopes, resets, gone } = await store.limitsChangedSince(made, made);
    expect(scopes).toMatchObject([
      { id: `key:${KEY.hash}`, version: 4, limits: { rpm: 2, budget: null } },
      { id: 'org:acme', version: 2, limits: { rpm: null, budget: { total: 5e9, on: 'hard' } } },
    ]);
    expect([resets, gone]).toEqual([[`key:${KEY.hash}`], []]);
    expect(await store.limitsChangedSince(lastEntry, made)).toEqual({ scopes: [], resets, gone: [] });
    await store.changeKey(KEY.hash, null, { name: 'c' }, false, ACT);
    expect(await store.limitsChangedSince(lastEntry, lastEntry)).toEqual({ scopes: [], resets: [], gone: [] });
    await store.changeKey(KEY.hash, null, { limits: { rpm_limit: null } }, false, ACT);
    expect((await store.limitsChangedSince(lastEntry, lastEntry)).scopes).toMatchObject([{ version: 6, limits: null }]);
  });
});

describe.each(ACCESS_ENGINES)('what is gone on %s', (_engine, isSkipped, createUrl) => {
  it.skipIf(isSkipped)('is told once, with the teams and keys of an organisation', async () => {
    const store = await openAccess(createUrl);
    const [alone, within, inTeam] = [keptKey(), keptKey({ orgId: 'acme' }), keptKey({ orgId: 'team' })];
    const org = { ...ORG, version: 1, createdAt: 1, updatedAt: 1 };
    await store.createOrg(org, false, ACT);
    await store.createOrg({ ...org, id: 'team', parentId: 'acme' }, false, ACT);
    for (const key of [alone, within, inTeam]) await store.createKey(key, { digest: key.hash }, false, ACT);
    const { lastEntry: made } = await store.accessState();
    await store.changeKey(within.hash, null, { limits: { rpm_limit: 1 } }, false, ACT);
    await store.removeKey(alone.hash, null, ACT);
    const { lastEntry: first } = await store.accessState();
    await store.removeOrg('acme', null, ACT);
    const { scopes, gone } = await store.limitsChangedSince(made, made);
    expect(scopes).toEqual([]);
    expect(gone.toSorted()).toEqual(
      [...[alone, within, inTeam].map(({ hash }) => `key:${hash}`), 'org:acme', 'org:team'].toSorted(),
    );
    expect((await store.limitsChangedSince(first, made)).gone).toHaveLength(4);
  });
});

describe('a watch of limits', () => {
  const CHANGED: LimitChanges = { scopes: [{ id: 'key:a', version: 2, limits: null }], resets: [], gone: [] };

  /** With what it asked for. */
  function scene(changes: LimitChanges) {
    const state = { asked: [] as [number, number][], told: 0, isDown: false };
    const watch = new LimitWatch({
      async changes(...since) {
        state.asked.push(since);
        return changes;
      },
      async tell() {
        if (state.isDown) throw new Error('away');
        state.told += 1;
      },
    });
    const look = async (seq: number): Promise<void> => {
      watch.look(seq);
      await nextTurn();
    };
    return { state, look };
  }

  it('tells what was changed after it began to look, and what was begun anew for two seconds', async () => {
    const { state, look } = scene(CHANGED);
    for (const seq of [7, 7, 9, 9, 9, 9, 9, 9]) await look(seq);
    expect(state.asked).toEqual([
      [7, 7],
      [9, 7],
      [9, 7],
      [9, 7],
    ]);
    await look(10);
    expect(state.asked.at(-1)).toEqual([9, 9]);
  });

  it('tells it again where that failed, and does not look while it tells', async () => {
    const { state, look } = scene(CHANGED);
    await look(1);
    state.isDown = true;
    for (let count = 0; count < 9; count++) await look(2);
    expect([state.asked.at(-1), state.told]).toEqual([[1, 1], 0]);
    state.isDown = false;
    await look(2);
    expect(state.told).toBe(1);
  });

  it('tells what is gone, also where nothing else was changed', async () => {
    const { state, look } = scene({ scopes: [], resets: [], gone: ['key:a'] });
    for (const seq of [1, 2]) await look(seq);
    expect(state.told).toBe(1);
  });

  it('says nothing of entries that tell of nothing it is for', async () => {
    const { state, look } = scene({ scopes: [], resets: [], gone: [] });
    for (const seq of [1, 2, 3]) await look(seq);
    expect([state.asked.length, state.told]).toEqual([2, 0]);
  });
});
