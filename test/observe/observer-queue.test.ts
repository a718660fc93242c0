import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createObserverQueue } from '../../src/observe/observer-queue.ts';
import { addAttempt, buildCall } from '../support/calls.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** A queue, a way to end calls, and the ids that were delivered. */
function start() {
  const delivered: string[] = [];
  const queue = createObserverQueue({
    attemptEnded: ({ id }, { number }) => void delivered.push(`${id}#${number}`),
    callEnded: ({ id }) => void delivered.push(id),
  });
  const end = (...ids: readonly string[]): void => {
    for (const id of ids) queue.callEnded(buildCall({ id }));
  };
  return { delivered, end, queue, flush: queue.flush };
}

describe('the observer queue', () => {
  it('delivers within 50 ms, in the order in which the calls ended', () => {
    const { delivered, end } = start();
    end('one');
    vi.advanceTimersByTime(40);
    end('two');
    expect(delivered).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(delivered).toEqual(['one', 'two']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('delivers attempts before their calls', () => {
    const { delivered, end, queue } = start();
    const call = buildCall({ id: 'one' });
    queue.attemptEnded(call, addAttempt(call, 1010));
    end('one');
    vi.advanceTimersByTime(50);
    expect(delivered).toEqual(['one#1', 'one']);
  });

  it('delivers 64 at once', () => {
    const { delivered, end } = start();
    const ids = Array.from({ length: 65 }, (_, index) => String(index));
    end(...ids);
    expect(delivered).toEqual(ids.slice(0, 64));
    vi.advanceTimersByTime(50);
    expect(delivered).toEqual(ids);
  });

  it('delivers on flush, and each call once', () => {
    const { delivered, end, flush } = start();
    end('one');
    flush();
    flush();
    vi.advanceTimersByTime(50);
    expect(delivered).toEqual(['one']);
  });
});
