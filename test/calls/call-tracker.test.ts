import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Key } from '../../src/access/keys.ts';
import type { Call, NewTranslatedCall, Outcome } from '../../src/calls/call.ts';
import { type CallTracker, createCallTracker } from '../../src/calls/call-tracker.ts';
import { GatewayError } from '../../src/protocol/errors.ts';
import { buildCall, buildStream } from '../support/calls.ts';
import { keyNamed } from '../support/keys.ts';

const KEEP_MS = 60_000;
const KEY_B: Key = keyNamed('b');

let tracker: CallTracker;
let now: number;

beforeEach(() => {
  now = 1000;
  tracker = createCallTracker(() => now);
});

afterEach(() => {
  vi.useRealTimers();
});

function add(parts: Partial<NewTranslatedCall> = {}): Call {
  const call = buildCall(parts);
  tracker.add(call);
  return call;
}

function end(call: Call, outcome: Outcome = 'completed'): void {
  call.outcome = outcome;
  call.endedAt = now;
  tracker.end(call);
}

function listed(keyName: string): string[] {
  return tracker.list(keyName, 100, null).calls.map(({ id }) => id);
}

/** The code of the error that this throws. */
function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('calls in flight', () => {
  it('are listed for their own API key, in the order in which they came', () => {
    add({ id: 'one' });
    add({ id: 'two' });
    add({ id: 'three', key: KEY_B });
    expect(listed('a')).toEqual(['one', 'two']);
    expect(listed('b')).toEqual(['three']);
    expect(listed('c')).toEqual([]);
    expect(tracker.size).toBe(3);
  });

  it('are listed in pages, which neither skip nor repeat calls that stay while others come and go', () => {
    // Twelve that came at three times, so that ids decide within a time and within a page.
    const calls = Array.from({ length: 12 }, (_, at) => add({ id: `call-${at}`, receivedAt: 1000.25 + (at % 3) }));
    const stay = calls.filter((_, at) => at % 4 !== 0).map(({ id }) => id);
    const seen: string[] = [];
    let after: Parameters<CallTracker['list']>[2] = null;
    for (let page = 0; ; page++) {
      const { calls: shown, next } = tracker.list('a', 5, after);
      seen.push(...shown.map(({ id }) => id));
      // What a page ended with may be gone when the next one is asked for, and new ones stand behind everything.
      for (const gone of calls.filter((_, at) => at % 4 === 0)) tracker.end(gone);
      add({ id: `new-${page}`, receivedAt: 2000 + page });
      if (next === null || page > 9) break;
      after = next;
    }
    expect(seen.filter((id) => stay.includes(id)).sort()).toEqual(stay.sort());
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => id.startsWith('new-'))).toEqual(['new-0', 'new-1']);
  });

  it('of all API keys are listed in pages, also where two keys use one request id at one time', () => {
    for (const id of ['one', 'two']) for (const key of [KEY_B, undefined]) add({ id, ...(key && { key }) });
    const seen: string[] = [];
    let after: Parameters<CallTracker['list']>[2] = null;
    do {
      const { calls, next } = tracker.list(null, 1, after);
      seen.push(...calls.map(({ key, id }) => `${key} ${id}`));
      after = next;
    } while (after !== null && seen.length < 9);
    expect(seen).toEqual(['a one', 'b one', 'a two', 'b two']);
  });

  it('may have any request id', () => {
    const ids = ['b', '__proto__', '7', 'constructor', '3'];
    for (const id of ids) {
      now += 1;
      expect(codeOf(() => tracker.find('a', id))).toBe('request_not_found');
      add({ id, receivedAt: now });
    }
    expect(listed('a')).toEqual(ids);
    for (const id of ids) expect(tracker.cancel('a', id)).toMatchObject({ id, state: 'cancelled' });
  });

  it('cannot share a request id within one API key', () => {
    add();
    expect(codeOf(() => add())).toBe('request_id_in_use');
    add({ key: KEY_B });
    expect(tracker.size).toBe(2);
  });

  it('are found by their own API key alone', () => {
    add();
    expect(tracker.find('a', 'call-1').state).toBe('waiting');
    expect(codeOf(() => tracker.find('b', 'call-1'))).toBe('request_not_found');
    expect(codeOf(() => tracker.cancel('b', 'call-1'))).toBe('request_not_found');
    expect(codeOf(() => tracker.stream('b', 'call-1'))).toBe('request_not_found');
  });

  it('are all aborted at once (shutdown), each with a reason of its own', () => {
    const calls = [add(), add({ key: KEY_B })];
    tracker.abortAll(() => new GatewayError('shutting_down', 'The gateway is stopping.'));
    const reasons = calls.map(({ controller }) => controller.signal.reason as GatewayError);
    expect(reasons.map(({ code }) => code)).toEqual(['shutting_down', 'shutting_down']);
    expect(reasons[0]).not.toBe(reasons[1]);
  });
});

describe('cancelling a call', () => {
  it('aborts the call and reports it as cancelled', () => {
    const call = add();
    expect(tracker.cancel('a', 'call-1')).toMatchObject({ id: 'call-1', state: 'cancelled' });
    expect(call.controller.signal.reason).toMatchObject({ code: 'request_cancelled', status: 499 });
  });

  it('is idempotent, before and after the call has ended', () => {
    const call = add();
    tracker.cancel('a', 'call-1');
    const { reason } = call.controller.signal;
    expect(tracker.cancel('a', 'call-1').state).toBe('cancelled');
    expect(call.controller.signal.reason).toBe(reason);
    end(call, 'cancelled');
    expect(tracker.cancel('a', 'call-1').state).toBe('cancelled');
  });

  it.each(['completed', 'failed'] as const)('refuses a call that is %s', (outcome) => {
    end(add(), outcome);
    expect(codeOf(() => tracker.cancel('a', 'call-1'))).toBe('request_completed');
  });
});

describe('ended calls', () => {
  it('stay visible for ten minutes, and are no longer listed as in flight', () => {
    end(add());
    expect(listed('a')).toEqual([]);
    now += 10 * 60_000;
    expect(tracker.find('a', 'call-1').state).toBe('completed');
    now += 1;
    expect(codeOf(() => tracker.find('a', 'call-1'))).toBe('request_not_found');
  });

  it('stay visible up to a thousand of them: the oldest is evicted', () => {
    for (let number = 0; number <= 1000; number++) end(add({ id: `call-${number}` }));
    expect(codeOf(() => tracker.find('a', 'call-0'))).toBe('request_not_found');
    expect(tracker.find('a', 'call-1').id).toBe('call-1');
    expect(tracker.find('a', 'call-1000').id).toBe('call-1000');
  });

  it('release their request id for the next call', () => {
    const first = add({ isResumable: true });
    tracker.openStream(first, buildStream());
    end(first);
    tracker.closeStream(first, KEEP_MS);
    add();
    expect(codeOf(() => tracker.stream('a', 'call-1'))).toBe('request_not_resumable');
    expect(tracker.find('a', 'call-1').state).toBe('waiting');
  });
});

describe('resumable streams', () => {
  function close(call: Call, keepMs = KEEP_MS): void {
    end(call);
    tracker.closeStream(call, keepMs);
  }

  function open(parts: Partial<NewTranslatedCall> = {}): Call {
    const call = add({ isResumable: true, ...parts });
    tracker.openStream(call, buildStream());
    return call;
  }

  it('are found in flight and for a while after their end (resume.keep)', () => {
    const call = open();
    const { replay } = tracker.stream('a', 'call-1');
    close(call);
    now += KEEP_MS;
    expect(tracker.stream('a', 'call-1').replay).toBe(replay);
    now += 1;
    expect(codeOf(() => tracker.stream('a', 'call-1'))).toBe('stream_expired');
  });

  it('are not kept when resume.keep is 0', () => {
    close(open(), 0);
    expect(codeOf(() => tracker.stream('a', 'call-1'))).toBe('stream_expired');
  });

  it('expire by time alone, without a request', () => {
    vi.useFakeTimers();
    tracker = createCallTracker(() => Date.now());
    close(open());
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(KEEP_MS + 1);
    expect(vi.getTimerCount()).toBe(0);
  });

  const LARGE = `data: ${'x'.repeat(1024 * 1024)}\n\n`;

  function keepLarge(id: string, key = 'a'): void {
    const call = add({ id, key: keyNamed(key), isResumable: true });
    const stream = buildStream(10_000_000);
    stream.replay.append(LARGE);
    tracker.openStream(call, stream);
    close(call);
  }

  it('are kept up to 256 MB in all: the oldest are evicted', () => {
    for (let number = 1; number <= 300; number++) keepLarge(`call-${number}`);
    expect(codeOf(() => tracker.stream('a', 'call-1'))).toBe('stream_expired');
    expect(codeOf(() => tracker.stream('a', 'call-44'))).toBe('stream_expired');
    expect(tracker.stream('a', 'call-46').replay.lastId()).toBe(1);
  });

  it('of an API key that keeps very many evict none of the keys that keep few', () => {
    for (const id of ['one', 'two', 'three']) keepLarge(id, 'b');
    for (let number = 1; number <= 600; number++) keepLarge(`call-${number}`);
    for (const id of ['one', 'two', 'three']) expect(tracker.stream('b', id).replay.lastId()).toBe(1);
    expect(codeOf(() => tracker.stream('a', 'call-348'))).toBe('stream_expired');
    expect(tracker.stream('a', 'call-349').replay.lastId()).toBe(1);
    for (let number = 4; number <= 100; number++) keepLarge(`late-${number}`, 'b');
    expect(tracker.stream('b', 'one').replay.lastId()).toBe(1);
    expect(codeOf(() => tracker.stream('a', 'call-445'))).toBe('stream_expired');
  });

  it('keep the response headers they ended with', () => {
    let attempts = '1';
    const call = add({ isResumable: true });
    tracker.openStream(call, { ...buildStream(), headers: () => ({ 'x-sluice-attempts': attempts }) });
    attempts = '2';
    close(call);
    attempts = '3';
    expect(tracker.stream('a', 'call-1').headers()).toEqual({ 'x-sluice-attempts': '2' });
  });

  it('are unknown for a call that was not started as resumable', () => {
    add();
    expect(codeOf(() => tracker.stream('a', 'call-1'))).toBe('request_not_resumable');
    expect(codeOf(() => tracker.stream('a', 'call-2'))).toBe('request_not_found');
  });
});
