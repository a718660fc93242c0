import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createObserverQueue } from '../../src/observe/observer-queue.ts';
import { addAttempt, buildCall } from '../support/calls.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** A backlog, a way to end calls, and what was told. */
function start() {
  const told: string[] = [];
  const queue = createObserverQueue({
    attemptEnded: ({ id }, { number }) => void told.push(`${id}#${number}`),
    callEnded: ({ id }) => void told.push(id),
  });
  const end = (...ids: readonly string[]): void => {
    for (const id of ids) queue.callEnded(buildCall({ id }));
  };
  return { told, end, queue, flush: queue.flush };
}

describe('the observer queue', () => {
  it('delivers within 50 ms, in the order in which the calls ended', () => {
    const { told, end } = start();
    end('one');
    vi.advanceTimersByTime(40);
    end('two');
    expect(told).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(told).toEqual(['one', 'two']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('delivers attempts before their calls', () => {
    const { told, end, queue } = start();
    const call = buildCall({ id: 'one' });
    queue.attemptEnded(call, addAttempt(call, 1010));
    end('one');
    vi.advanceTimersByTime(50);
    expect(told).toEqual(['one#1', 'one']);
  });

  it('delivers 64 at once', () => {
    const { told, end } = start();
    const ids = Array.from({ length: 65 }, (_, index) => String(index));
    end(...ids);
    expect(told).toEqual(ids.slice(0, 64));
    vi.advanceTimersByTime(50);
    expect(told).toEqual(ids);
  });

  it('delivers on flush, and each call once', () => {
    const { told, end, flush } = start();
    end('one');
    flush();
    flush();
    vi.advanceTimersByTime(50);
    expect(told).toEqual(['one']);
  });
});
