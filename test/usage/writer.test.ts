import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createUsageWriter, type UsageEntry, type WriterTrouble } from '../../src/usage/writer.ts';
import { buildRecord, buildRecords, toEntry } from '../support/usage-records.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** A writer over a store that can be out of order, with what it wrote and what it said. */
function start() {
  const batches: number[] = [];
  const ids: string[] = [];
  const troubles: WriterTrouble[] = [];
  const state = { problem: null as string | null, gate: Promise.resolve(), tries: 0, batches: 0, recovered: 0 };
  const writer = createUsageWriter({
    async append(entries: readonly UsageEntry[], batch) {
      state.tries += 1;
      ids.push(`${batch}: ${entries.length}`);
      await state.gate;
      if (state.problem !== null) throw new Error(state.problem);
      batches.push(entries.length);
    },
    now: () => Date.now(),
    newId: () => `batch ${++state.batches}`,
    failed: (trouble) => troubles.push(trouble),
    recovered: () => {
      state.recovered += 1;
    },
  });
  const add = (count: number): void => {
    for (const record of buildRecords(count)) writer.add(toEntry(record));
  };
  return { writer, add, batches, ids, troubles, state };
}

describe('the usage writer', () => {
  it('writes a batch within half a second, with the time that observers wait', async () => {
    const { add, batches } = start();
    add(3);
    await vi.advanceTimersByTimeAsync(399);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toEqual([3]);
  });

  it('flushes when it is closed', async () => {
    const { writer, add, batches } = start();
    add(3);
    await writer.close();
    expect(batches).toEqual([3]);
    expect(vi.getTimerCount()).toBe(0);
    expect(writer.lost).toBe(0);
  });

  it('keeps a batch that could not be written, and retries with growing backoff', async () => {
    const { writer, add, batches, state } = start();
    state.problem = 'database is locked';
    add(3);
    await vi.advanceTimersByTimeAsync(400);
    add(400);
    await vi.advanceTimersByTimeAsync(499);
    expect(state.tries).toBe(1);
    await vi.advanceTimersByTimeAsync(1 + 1000 + 2000);
    expect(state.tries).toBe(4);
    state.problem = null;
    await vi.advanceTimersByTimeAsync(4000);
    expect(batches).toEqual([3, 200, 200]);
    expect(state.recovered).toBe(1);
    expect(writer.lost).toBe(0);
  });

  it('logs the error once a minute', async () => {
    const { add, troubles, state } = start();
    state.problem = 'database or disk is full';
    add(2);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(troubles).toEqual([{ reason: 'database or disk is full', waiting: 2, lost: 0 }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(troubles).toHaveLength(2);
  });

  it('keeps 10,000 records at most, and counts the lost ones', async () => {
    const { writer, add, batches, troubles, state } = start();
    state.problem = 'attempt to write a readonly database';
    add(10_005);
    expect(writer.lost).toBe(5);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(troubles.at(-1)).toMatchObject({ waiting: 10_000, lost: 5 });
    state.problem = null;
    await writer.flush();
    expect(batches.reduce((sum, size) => sum + size)).toBe(10_000);
  });

  it('keeps fewer of those with large metadata', async () => {
    const { writer, troubles, state } = start();
    state.problem = 'database or disk is full';
    const metadata = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`name-${at}`, 'v'.repeat(512)]));
    for (const record of buildRecords(1100, { metadata })) writer.add(toEntry(record));
    expect(writer.lost).toBe(100);
    await vi.advanceTimersByTimeAsync(60_000);
    state.problem = null;
    await writer.flush();
    for (const record of buildRecords(1000, { metadata })) writer.add(toEntry(record));
    expect([writer.lost, troubles.at(-1)?.lost]).toEqual([100, 100]);
    await writer.close();
  });

  it('counts and logs as lost what cannot be written when it is closed', async () => {
    const { writer, add, troubles, state } = start();
    state.problem = 'unable to open database file';
    add(2);
    await writer.close();
    expect(writer.lost).toBe(2);
    expect(troubles.at(-1)).toMatchObject({ lost: 2 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('writes before a flush returns, even while another batch is being written', async () => {
    const { writer, batches, state } = start();
    const gate = Promise.withResolvers<void>();
    state.gate = gate.promise;
    writer.add(toEntry(buildRecord()));
    void writer.flush();
    await vi.advanceTimersByTimeAsync(0);
    writer.add(toEntry(buildRecord()));
    const flushed = writer.flush();
    gate.resolve();
    await flushed;
    expect(batches).toEqual([1, 1]);
  });

  it('batches what comes while it writes', async () => {
    const { writer, add, batches } = start();
    add(200);
    add(7);
    await vi.advanceTimersByTimeAsync(399);
    expect(batches).toEqual([200]);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toEqual([200, 7]);
    expect(writer.lost).toBe(0);
  });

  it('continues at once while there are full batches', async () => {
    const { add, batches } = start();
    add(200);
    add(250);
    await vi.advanceTimersByTimeAsync(0);
    expect(batches).toEqual([200, 200]);
    await vi.advanceTimersByTimeAsync(500);
    expect(batches).toEqual([200, 200, 50]);
  });

  it('tries a failed batch again with its id and its records, whatever came meanwhile', async () => {
    const { writer, add, ids, state } = start();
    state.problem = 'connection lost at the commit';
    add(3);
    await writer.flush();
    add(5);
    await writer.flush();
    state.problem = null;
    await writer.flush();
    expect(ids).toEqual(['batch 1: 3', 'batch 1: 3', 'batch 1: 3', 'batch 2: 5']);
  });

  it('writes nothing while something is done alone, and does that while nothing is written', async () => {
    const { writer, add, batches } = start();
    const reading = Promise.withResolvers<void>();
    const done = writer.alone(() => reading.promise);
    add(3);
    const flushed = writer.flush();
    await vi.advanceTimersByTimeAsync(10);
    expect(batches).toEqual([]);
    const next = writer.alone(async () => [...batches]);
    reading.resolve();
    await done;
    await flushed;
    expect(await next).toEqual([3]);
  });
});
