import { describe, expect, it } from 'vitest';
import { createFairQueue } from '../../src/usage/fair-queue.ts';

/** A queue with what it has begun, in its order; each thing takes a turn of the event loop. */
function start(): { done: string[]; ask(keyName: string, what: string, signal?: AbortSignal): Promise<string> } {
  const queue = createFairQueue();
  const done: string[] = [];
  let running = 0;
  return {
    done,
    ask: (keyName, what, signal) =>
      queue.run({ keyName, ...(signal && { signal }) }, async () => {
        expect(++running).toBe(1);
        done.push(`${keyName}${what}`);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return what;
      }),
  };
}

describe('the fair queue of usage queries', () => {
  it('runs one query at a time, of each API key in turn (round robin)', async () => {
    const { done, ask } = start();
    const many = ['1', '2', '3', '4', '5'].map((what) => ask('a', what));
    const few = [ask('b', '1'), ask('c', '1'), ask('b', '2')];
    expect(await Promise.all([...many, ...few])).toEqual(['1', '2', '3', '4', '5', '1', '1', '2']);
    expect(done).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4', 'a5']);
  });

  it('lets a key that comes late wait for one query of the others', async () => {
    const { done, ask } = start();
    const many = Array.from({ length: 40 }, (_, at) => ask('a', String(at)));
    await many[9];
    await ask('b', '!');
    expect(done.indexOf('b!')).toBeLessThanOrEqual(12);
    await Promise.all(many);
    expect(done).toHaveLength(41);
  });

  it('continues after a failure, and reports it to its caller alone', async () => {
    const queue = createFairQueue();
    const failing = queue.run({ keyName: 'a' }, () => Promise.reject(new Error('no such table')));
    const next = queue.run({ keyName: 'a' }, async () => 'fine');
    await expect(failing).rejects.toThrow('no such table');
    expect(await next).toBe('fine');
    expect(await queue.run({ keyName: 'a' }, async () => 'again')).toBe('again');
  });

  it('skips queries that were aborted', async () => {
    const { done, ask } = start();
    const gone = new AbortController();
    const first = ask('a', '1');
    const left = ['2', '3', '4'].map((what) => ask('a', what, gone.signal));
    const last = ask('a', '5');
    gone.abort(new Error('gone'));
    expect((await Promise.allSettled(left)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await Promise.all([first, last]);
    expect(done).toEqual(['a1', 'a5']);
  });
});
