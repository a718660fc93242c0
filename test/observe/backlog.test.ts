import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createBacklog } from '../../src/observe/backlog.ts';
import { addAttempt, buildCall } from '../support/calls.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** A backlog, a way to end calls, and what was told. */
function start() {
  const told: string[] = [];
  const backlog = createBacklog({
    attemptEnded: ({ id }, { number }) => void told.push(`${id}#${number}`),
    callEnded: ({ id }) => void told.push(id),
  });
  const end = (...ids: readonly string[]): void => {
    for (const id of ids) backlog.callEnded(buildCall({ id }));
  };
  return { told, end, backlog, tell: backlog.tell };
}

describe('a backlog', () => {
  it('tells within 50 ms, in the order in which the calls ended', () => {
    const { told, end } = start();
    end('one');
    vi.advanceTimersByTime(40);
    end('two');
    expect(told).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(told).toEqual(['one', 'two']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells of attempts before their calls', () => {
    const { told, end, backlog } = start();
    const call = buildCall({ id: 'one' });
    backlog.attemptEnded(call, addAttempt(call, 1010));
    end('one');
    vi.advanceTimersByTime(50);
    expect(told).toEqual(['one#1', 'one']);
  });

  it('tells 64 at once', () => {
    const { told, end } = start();
    const ids = Array.from({ length: 65 }, (_, index) => String(index));
    end(...ids);
    expect(told).toEqual(ids.slice(0, 64));
    vi.advanceTimersByTime(50);
    expect(told).toEqual(ids);
  });

  it('tells when it is asked to, and each call once', () => {
    const { told, end, tell } = start();
    end('one');
    tell();
    tell();
    vi.advanceTimersByTime(50);
    expect(told).toEqual(['one']);
  });
});
