import { describe, expect, it } from 'vitest';
import { Directory } from '../../src/access/directory.ts';
import { LookUps } from '../../src/access/look-ups.ts';
import type { AccessStore, FoundKey } from '../../src/access/store.ts';

const SETTINGS = { cacheMs: 30_000, staleMs: 60_000, maxCached: 3 };

/** Look-ups of names in a map that can be out of reach, with what was asked for. */
function scene(found: Map<string, number>) {
  const state = { now: 0, isDown: false, asked: [] as string[] };
  const load = async (name: string): Promise<number | null> => {
    state.asked.push(name);
    if (state.isDown) throw new Error('connection refused');
    return found.get(name) ?? null;
  };
  const lookUps = new LookUps(
    load,
    () => SETTINGS,
    () => state.now,
  );
  return { state, find: async (name: string) => lookUps.find(name), changed: () => lookUps.changed() };
}

describe('what was looked up', () => {
  it('is known for a while, and asked for once by many', async () => {
    const { state, find } = scene(new Map([['a', 1]]));
    expect(await Promise.all([find('a'), find('a'), find('a')])).toEqual([1, 1, 1]);
    state.now = 29_000;
    expect(await find('a')).toBe(1);
    expect(state.asked).toEqual(['a']);
    state.now = 31_000;
    await find('a');
    expect(state.asked).toEqual(['a', 'a']);
  });

  it('is known not to be there for a shorter while', async () => {
    const found = new Map<string, number>();
    const { state, find } = scene(found);
    expect(await find('a')).toBeNull();
    found.set('a', 1);
    state.now = 4000;
    expect(await find('a')).toBeNull();
    state.now = 6000;
    expect(await find('a')).toBe(1);
  });

  it('is looked up anew once something has changed', async () => {
    const found = new Map([['a', 1]]);
    const { find, changed } = scene(found);
    expect([await find('a'), await find('b')]).toEqual([1, null]);
    found.set('a', 2).set('b', 3);
    changed();
    expect([await find('a'), await find('b')]).toEqual([2, 3]);
  });

  it('is bounded, and wrong names push out no right ones', async () => {
    const { state, find } = scene(new Map(['a', 'b', 'c', 'd'].map((name) => [name, 1])));
    for (const name of ['a', 'b', 'c', 'd']) await find(name);
    for (let at = 0; at < 10_050; at++) await find(`wrong-${at}`);
    state.asked = [];
    for (const name of ['b', 'c', 'd', 'wrong-10049', 'wrong-60']) await find(name);
    expect(state.asked).toEqual([]);
    await find('a');
    await find('wrong-0');
    expect(state.asked).toEqual(['a', 'wrong-0']);
  });

  it('is good for longer where it cannot be looked up, and what is not known is 503', async () => {
    const { state, find, changed } = scene(new Map([['a', 1]]));
    await find('a');
    state.isDown = true;
    state.now = 31_000;
    changed();
    expect(await find('a')).toBe(1);
    await expect(find('b')).rejects.toMatchObject({ code: 'keys_unavailable', status: 503 });
    state.now = 89_000;
    expect(await find('a')).toBe(1);
    state.now = 91_000;
    await expect(find('a')).rejects.toMatchObject({ code: 'keys_unavailable' });
    state.now = 93_000;
    state.isDown = false;
    expect([await find('a'), await find('b')]).toEqual([1, null]);
  });

  it('is asked for at most every second where that fails', async () => {
    const { state, find } = scene(new Map());
    state.isDown = true;
    for (let at = 0; at < 10; at++) await find(`k${at}`).catch(() => undefined);
    expect(state.asked).toEqual(['k0']);
    state.now = 1001;
    await find('k').catch(() => undefined);
    expect(state.asked).toEqual(['k0', 'k']);
  });
});

describe('the directory', () => {
  function directoryOver(state: {
    version: number;
    hasKeys: boolean;
    isDown?: boolean;
    isThere?: boolean;
    now?: number;
  }) {
    const asked: string[] = [];
    const told: unknown[] = [];
    const answer = async <T>(value: T): Promise<T> => {
      if (state.isDown) throw new Error('connection refused');
      return value;
    };
    const store = {
      accessState: () => answer({ version: state.version, hasKeys: state.hasKeys, lastEntry: 0 }),
      findBySecret: (digest: string) => {
        asked.push(digest);
        return answer({ key: digest } as unknown as FoundKey);
      },
    } as unknown as AccessStore;
    const directory = new Directory(store, {
      isThere: () => state.isThere ?? true,
      settings: () => SETTINGS,
      now: () => state.now ?? 0,
      trouble: (error) => told.push(error),
      limitsChanged: async () => undefined,
    });
    return { directory, asked, told };
  }

  it('looks a key up again after another process has changed something', async () => {
    const state = { version: 1, hasKeys: true };
    const { directory, asked } = directoryOver(state);
    await directory.refresh();
    await directory.find('d');
    await directory.refresh();
    await directory.find('d');
    expect(asked).toEqual(['d']);
    state.version = 2;
    await directory.refresh();
    await directory.find('d');
    expect(asked).toEqual(['d', 'd']);
  });

  it('holds keys once it has held one: deleting the last one opens nothing', async () => {
    const state = { version: 1, hasKeys: false };
    const { directory } = directoryOver(state);
    await directory.refresh();
    expect(directory.holdsKeys).toBe(false);
    Object.assign(state, { version: 2, hasKeys: true });
    await directory.refresh();
    expect(directory.holdsKeys).toBe(true);
    Object.assign(state, { version: 3, hasKeys: false });
    await directory.refresh();
    expect(directory.holdsKeys).toBe(true);
  });

  it('counts as holding keys where it was never read, and is told once', async () => {
    const state = { version: 1, hasKeys: false, isDown: true };
    const { directory, told } = directoryOver(state);
    await directory.refresh();
    await directory.refresh();
    expect(directory.holdsKeys).toBe(true);
    expect(() => directory.requireReadable()).toThrow(expect.objectContaining({ code: 'keys_unavailable' }));
    state.isDown = false;
    await directory.refresh();
    expect(directory.holdsKeys).toBe(false);
    expect(told).toEqual([expect.any(Error), null]);
  });

  it('is known to be empty for as long as a key is known', async () => {
    const state = { version: 1, hasKeys: false, isDown: false, now: 0 };
    const { directory } = directoryOver(state);
    await directory.refresh();
    Object.assign(state, { isDown: true, now: 80_000 });
    await directory.refresh();
    expect(directory.holdsKeys).toBe(false);
    state.now = 91_000;
    expect(directory.holdsKeys).toBe(true);
  });

  it('does not make a database to look into', async () => {
    const { directory, asked } = directoryOver({ version: 1, hasKeys: true, isThere: false });
    await directory.refresh();
    expect([directory.holdsKeys, await directory.find('d'), asked]).toEqual([false, null, []]);
  });
});
