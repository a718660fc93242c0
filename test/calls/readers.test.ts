import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReaders, type Readers } from '../../src/calls/readers.ts';

const abandon = vi.fn();
let readers: Readers;

beforeEach(() => {
  vi.useFakeTimers();
  abandon.mockClear();
  readers = createReaders(30_000, abandon);
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the readers of a resumable stream', () => {
  it('have their grace (resume.grace) before the call is cancelled', () => {
    readers.enter();
    readers.leave();
    vi.advanceTimersByTime(29_999);
    expect(abandon).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(abandon).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'client_closed' }));
  });

  it('keep the call running as long as one of them is connected', () => {
    readers.enter();
    readers.enter();
    readers.leave();
    vi.advanceTimersByTime(60_000);
    expect(abandon).not.toHaveBeenCalled();
  });

  it('have their whole grace again after each resume', () => {
    readers.enter();
    for (let count = 0; count < 3; count++) {
      readers.leave();
      vi.advanceTimersByTime(20_000);
      readers.enter();
    }
    vi.advanceTimersByTime(60_000);
    expect(abandon).not.toHaveBeenCalled();
  });

  it('leave no timer when the call ends within the grace', () => {
    readers.enter();
    readers.leave();
    expect(vi.getTimerCount()).toBe(1);
    readers.end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('start no timer when they disconnect from a call that is over', () => {
    readers.enter();
    readers.end();
    readers.leave();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cancel the call at once without any grace', () => {
    const impatient = createReaders(0, abandon);
    impatient.enter();
    impatient.leave();
    vi.runAllTimers();
    expect(abandon).toHaveBeenCalledOnce();
  });
});
