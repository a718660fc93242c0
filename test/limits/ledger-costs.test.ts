import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

/** What `ledger-costs.ts` prints. */
interface Costs {
  /** Of 10,000 keys without a call. */
  readonly keyBytes: number;
  /** Of 50,000 open reservations. */
  readonly openBytes: number;
  /** Of 10,000 keys that have called and are gone. */
  readonly goneBytes: number;
  /** Of a thousand calls, with two keys and with ten thousand. */
  readonly steps: readonly [few: number, many: number];
}

describe('a ledger in memory', () => {
  let costs: Costs;

  beforeAll(async () => {
    // In a process of its own: here other things are in memory, and coverage may be counted already.
    const { stdout } = await promisify(execFile)(process.execPath, ['test/limits/ledger-costs.ts']);
    costs = JSON.parse(stdout) as Costs;
  });

  it('holds 50,000 open reservations in 40 MB at most', () => {
    expect(costs.openBytes).toBeGreaterThan(1e6);
    expect(costs.openBytes).toBeLessThan(40e6);
  });

  it('takes no more steps for a call with 10,000 keys than with two', () => {
    const [few, many] = costs.steps;
    expect(few).toBeGreaterThan(10_000);
    // A bucket that is full and one that is not take different branches: 165,000 and 152,000.
    expect(many).toBeLessThan(1.1 * few);
  });

  it('keeps a thousand bytes for a key, its id included', () => {
    expect(costs.keyBytes / 10_000).toBeLessThan(1200);
  });

  it('keeps nothing for 10,000 keys that are gone', () => {
    // What was compiled meanwhile is some of it; with their accounts it would be 13 MB.
    expect(costs.goneBytes).toBeLessThan(1e6);
  });
});
