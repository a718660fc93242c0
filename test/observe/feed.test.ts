import { describe, expect, it } from 'vitest';
import type { Call, TranslatedCall } from '../../src/calls/call.ts';
import { createFeed, type NewReader } from '../../src/observe/feed.ts';
import type { FeedSource } from '../../src/observe/feed-channel.ts';
import { buildCall } from '../support/calls.ts';
import { keyNamed } from '../support/keys.ts';

interface Told {
  readonly event: string;
  readonly id: number;
  readonly data: Record<string, unknown>;
}

function open() {
  const clock = { now: 1_000_000 };
  const calls: Call[] = [];
  const asked = { calls: 0, ended: 0, performance: 0 };
  const costMs = { calls: 0 };
  const state = { health: 'well' };
  const source: FeedSource = {
    calls() {
      asked.calls++;
      clock.now += costMs.calls;
      return calls;
    },
    summarize: ({ id }) => ({ id }),
    ended({ id }) {
      asked.ended++;
      return { call: { id } };
    },
    performance: () => ({ count: ++asked.performance }),
    health: () => ({ state: state.health }),
  };
  const feed = createFeed(() => clock.now);
  /** Lets time pass in ticks of 125 ms. */
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 125) {
      clock.now += 125;
      feed.tick();
    }
  };
  const read = (parts: Partial<NewReader> = {}) => {
    const texts: string[] = [];
    const sink = { isFull: false, isEnded: false };
    const place = feed.enter({ scope: null, keyId: 'a', lastEventId: null, keepaliveMs: 15_000, ...parts }, source, {
      write(text) {
        texts.push(text);
        return !sink.isFull;
      },
      end() {
        sink.isEnded = true;
      },
    });
    const told = (event?: string): Told[] =>
      [...texts.join('').matchAll(/event: (\w+)\nid: (\d+)\ndata: (.*)\n\n/g)]
        .map(([, name = '', id, data = '']) => ({ event: name, id: Number(id), data: JSON.parse(data) }))
        .filter((one) => event === undefined || one.event === event);
    return { place, told, texts, sink };
  };
  const call = (id: string, key = 'a'): TranslatedCall => buildCall({ id, key: keyNamed(key) });
  return { feed, clock, calls, asked, costMs, state, pass, read, call };
}

describe('the live feed', () => {
  it('tells a newcomer everything at once, then what has changed and what is gone', () => {
    const { calls, pass, read, call } = open();
    calls.push(call('1'), call('2'));
    const { told } = read();
    expect(told().map(({ event }) => event)).toEqual(['calls', 'performance', 'health']);
    expect(told()[0]?.data).toMatchObject({ full: true, changed: [{ id: '1' }, { id: '2' }], gone: [], in_flight: 2 });
    pass(1000);
    expect(told('calls')).toHaveLength(1);
    calls[0]?.spoken.add('some words of an answer');
    calls.pop();
    pass(250);
    expect(told('calls')[1]?.data).toMatchObject({ full: false, changed: [{ id: '1' }], gone: ['2'], in_flight: 1 });
    expect(Number(told('calls')[1]?.data['tokens_per_s'])).toBeGreaterThan(0);
    pass(3000);
    expect(told('calls').at(-1)?.data).toMatchObject({ tokens_per_s: 0 });
  });

  it('tells of calls at most four times a second, all of them every ten seconds', () => {
    const { calls, pass, read, call } = open();
    calls.push(call('1'));
    const { told } = read();
    for (let ticks = 0; ticks < 80; ticks++) {
      calls[0]?.spoken.add('more words ');
      pass(125);
    }
    expect(told('calls').length).toBeGreaterThan(30);
    expect(told('calls').length).toBeLessThanOrEqual(41);
    expect(told('calls').filter(({ data }) => data['full'])).toHaveLength(2);
  });

  it('looks more seldom where looking takes long: a hundredth of the time', () => {
    const { asked, costMs, pass, read } = open();
    costMs.calls = 10;
    read();
    pass(10_000);
    expect(asked.calls).toBeLessThanOrEqual(11);
  });

  it('tells many calls in pieces, and leaves none out', () => {
    const { calls, pass, read, call } = open();
    calls.push(...Array.from({ length: 3000 }, (_, at) => call(`${at}-${'x'.repeat(300)}`)));
    const { told } = read();
    pass(2000);
    const ids = told('calls').flatMap(({ data }) => (data['changed'] as { id: string }[]).map(({ id }) => id));
    expect(new Set(ids).size).toBe(3000);
    expect(told('calls').length).toBeGreaterThan(2);
  });

  it('tells of fifty ended calls a second, of more how many', () => {
    const { feed, asked, pass, read, call } = open();
    const { told } = read();
    for (let count = 0; count < 80; count++) feed.callEnded(call(String(count)));
    pass(1125);
    expect(asked.ended).toBe(50);
    expect(told('ended').at(-1)?.data).toEqual({ skipped: 30 });
  });

  it('tells of the performance every five seconds at most, and only after a call; of the health when it changes', () => {
    const { feed, state, pass, read, call } = open();
    const { told } = read();
    pass(20_000);
    expect([told('performance').length, told('health').length]).toEqual([1, 1]);
    state.health = 'ill';
    for (let count = 0; count < 10; count++) {
      feed.callEnded(call(String(count)));
      pass(1000);
    }
    expect([told('performance').length, told('health').length]).toEqual([3, 2]);
  });

  it('computes nothing without readers, from ten seconds after the last one', () => {
    const { feed, asked, pass, read, call } = open();
    feed.callEnded(call('1'));
    expect([feed.tick(), asked]).toEqual([false, { calls: 0, ended: 0, performance: 0 }]);
    const { place } = read();
    place?.leave();
    pass(10_000);
    const before = { ...asked };
    feed.callEnded(call('2'));
    expect([feed.tick(), asked]).toEqual([false, before]);
  });

  it('tells a key of its own calls alone', () => {
    const { feed, pass, read, call } = open();
    const own = read({ scope: 'a' });
    const all = read({ scope: null, keyId: 'admin' });
    feed.callEnded(call('1', 'a'));
    feed.callEnded(call('2', 'b'));
    pass(125);
    const idsOf = ({ told }: typeof own) => told('ended').map(({ data }) => (data['call'] as { id: string }).id);
    expect([idsOf(own), idsOf(all)]).toEqual([['1'], ['1', '2']]);
  });

  it('says that it is alive', () => {
    const { pass, read } = open();
    const { texts } = read({ keepaliveMs: 1000 });
    pass(2125);
    expect(texts.filter((text) => text === ': keepalive\n\n')).toHaveLength(2);
  });
});

describe('a reader of the live feed', () => {
  it('that comes back finds what it missed, with ids that ascend', () => {
    const { feed, pass, read, call } = open();
    const first = read();
    const lastEventId = String(first.told().at(-1)?.id);
    first.place?.leave();
    feed.callEnded(call('1'));
    pass(5000);
    const again = read({ lastEventId });
    pass(250);
    expect(again.told()[0]).toMatchObject({ event: 'ended', id: Number(lastEventId) + 1 });
    expect(again.told('reset')).toEqual([]);
    const ids = again.told().map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
    expect(again.told('calls').at(-1)?.data).toMatchObject({ full: true });
  });

  it.each(['7', 'x', '9999999999999999', '-1'])(
    'with the Last-Event-ID %s, which is not known, starts afresh',
    (id) => {
      const { told } = (() => open().read({ lastEventId: id }))();
      expect(told().map(({ event }) => event)).toEqual(['reset', 'calls', 'performance', 'health']);
      expect(told()[0]?.data).toEqual({ reason: 'last_event_id' });
    },
  );

  it('that comes back too late starts afresh: 512 events are kept', () => {
    const { feed, pass, read, call } = open();
    const stays = read();
    const lastEventId = String(stays.told()[0]?.id);
    for (let second = 0; second < 12; second++) {
      for (let count = 0; count < 50; count++) feed.callEnded(call(String(count)));
      pass(1000);
    }
    expect(read({ lastEventId }).told()[0]?.event).toBe('reset');
  });

  it('that takes nothing gets nothing, then a reset, and holds no other back', () => {
    const { feed, pass, read, call } = open();
    const slow = read();
    const quick = read();
    slow.sink.isFull = true;
    pass(10_000);
    const before = slow.texts.length;
    for (let second = 0; second < 12; second++) {
      for (let count = 0; count < 50; count++) feed.callEnded(call(String(count)));
      pass(1000);
    }
    expect(slow.texts.length).toBe(before);
    expect(quick.told('ended')).toHaveLength(600);
    slow.sink.isFull = false;
    slow.place?.drained();
    pass(500);
    expect(slow.told('reset').map(({ data }) => data)).toEqual([{ reason: 'slow_reader' }]);
    expect(slow.told('calls').at(-1)?.data).toMatchObject({ full: true });
  });

  it('that takes nothing for half a minute is let go', () => {
    const { pass, read } = open();
    const slow = read();
    slow.sink.isFull = true;
    pass(45_000);
    expect(slow.sink.isEnded).toBe(true);
  });

  it('is one of 32, shared out by key: the newcomer of a key that has fewer takes the place of the oldest of most', () => {
    const { read } = open();
    const many = Array.from({ length: 32 }, () => read({ keyId: 'many' }));
    expect(read({ keyId: 'many' }).place).toBeNull();
    expect(read({ keyId: 'few' }).place).not.toBeNull();
    expect(many.map(({ sink }) => sink.isEnded)).toEqual([true, ...Array(31).fill(false)]);
  });
});
