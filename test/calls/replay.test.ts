import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Slice } from '../../src/calls/frame-list.ts';
import { createReplay, type Replay } from '../../src/calls/replay.ts';
import { GatewayError } from '../../src/protocol/errors.ts';

const ERROR = new GatewayError('upstream_error', 'It failed.');

/** A replay of frames `data: 1`, `data: 2` and so on, one per batch. */
function filled(count: number, maxBytes = 10_000): Replay {
  const replay = createReplay(maxBytes);
  for (let number = 1; number <= count; number++) replay.append(`data: ${number}\n\n`);
  return replay;
}

/** What comes after a frame for a reader who comes for it alone. */
function restOf(replay: Replay, id: number): Slice | null {
  const reader = replay.follow(id);
  const slice = reader.next();
  reader.leave();
  return slice;
}

describe('the replay buffer of a resumable stream', () => {
  it('numbers every frame of a batch (SSE event id)', () => {
    const replay = createReplay(1000);
    replay.append('data: 1\n\ndata: 2\n\n');
    replay.append('data: 3\n\n');
    const text = 'id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n';
    expect(restOf(replay, 0)).toEqual({ text, lastId: 3 });
    expect(replay.lastId()).toBe(3);
  });

  it.each([0, 1, 2, 3])('gives what comes after frame %i (Last-Event-ID)', (id) => {
    const text = ['id: 1\ndata: 1\n\n', 'id: 2\ndata: 2\n\n', 'id: 3\ndata: 3\n\n'].slice(id).join('');
    expect(restOf(filled(3), id)).toEqual({ text, lastId: 3 });
  });

  it('counts what it keeps in bytes', () => {
    const replay = createReplay(1000);
    replay.append('data: "日本"\n\n');
    expect(replay.size()).toBe(Buffer.byteLength('id: 1\ndata: "日本"\n\n'));
  });

  it('evicts the oldest frames when it is full, and answers stream_expired for them', () => {
    const replay = filled(100, 200);
    expect(replay.size()).toBeLessThanOrEqual(200);
    expect(restOf(replay, 0)).toBeNull();
    expect(restOf(replay, 100)).toEqual({ text: '', lastId: 100 });
    expect(restOf(replay, 97)?.text).toContain('id: 98\ndata: 98\n\n');
  });

  it('keeps the newest batch, however large it is', () => {
    const replay = createReplay(10);
    replay.append('data: small\n\n');
    replay.append(`data: ${'x'.repeat(1000)}\n\ndata: 3\n\n`);
    expect(restOf(replay, 0)).toBeNull();
    expect(restOf(replay, 1)).toMatchObject({ lastId: 3 });
    replay.append('data: 4\n\n');
    expect(restOf(replay, 3)).toEqual({ text: 'id: 4\ndata: 4\n\n', lastId: 4 });
    expect(replay.size()).toBe('id: 4\ndata: 4\n\n'.length);
  });

  it('gives a long stream in slices that join to the whole', () => {
    const replay = createReplay(10_000_000);
    for (let number = 1; number <= 300; number++) replay.append(`data: ${'x'.repeat(1000)}\n\n`);
    let at = 0;
    let text = '';
    for (let slice = restOf(replay, at); slice && slice.text !== ''; slice = restOf(replay, at)) {
      expect(slice.text.length).toBeLessThan(70_000);
      text += slice.text;
      at = slice.lastId;
    }
    expect(text.match(/^id: \d+$/gm)).toEqual(Array.from({ length: 300 }, (_, index) => `id: ${index + 1}`));
  });

  it('keeps an error that came before any frame', () => {
    const replay = createReplay(1000);
    replay.end(ERROR);
    expect([replay.isEnded(), replay.error()]).toEqual([true, ERROR]);
  });

  it('has no error of its own when the error is a frame', () => {
    const replay = filled(1);
    replay.end(ERROR);
    expect([replay.isEnded(), replay.error()]).toEqual([true, null]);
  });

  it.each(['append', 'end'] as const)('wakes every waiting reader (%s)', async (change) => {
    const replay = createReplay(1000);
    const { signal } = new AbortController();
    const waiting = Promise.all([replay.changed(signal), replay.changed(signal)]);
    if (change === 'append') replay.append('data: 1\n\n');
    else replay.end(null);
    await waiting;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('releases a waiting reader by its abort signal', async () => {
    const controller = new AbortController();
    const waiting = createReplay(1000).changed(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow();
  });
});

describe('backpressure of a replay buffer that is read', () => {
  const FRAME = `data: ${'x'.repeat(85)}\n\n`;
  /** Ten of them, and not eleven. */
  const MAX = 10.5 * Buffer.byteLength(`id: 1\n${FRAME}`);

  /** Appends until it is full; how many frames it took. */
  function fill(replay: Replay): number {
    for (let count = 1; count <= 1000; count++) if (!replay.append(FRAME)) return count;
    return 1000;
  }

  function isHeld(replay: Replay): { now: boolean } {
    const held = { now: true };
    void replay.room(new AbortController().signal).then(() => {
      held.now = false;
    });
    return held;
  }

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('is full when its fastest reader has more to take than is kept, and loses nothing of that', async () => {
    const replay = createReplay(MAX);
    replay.follow(0);
    const fast = replay.follow(0);
    expect(fill(replay)).toBe(11);
    expect(replay.lastId()).toBe(11);
    const held = isHeld(replay);
    expect(fast.next()?.lastId).toBe(11);
    await turn();
    expect(held.now).toBe(false);
  });

  it('is never full without a reader', () => {
    const replay = createReplay(MAX);
    expect(fill(replay)).toBe(1000);
    expect(replay.size()).toBeLessThanOrEqual(MAX);
  });

  it('keeps nothing for a slower reader', () => {
    const replay = createReplay(MAX);
    const [slow, fast] = [replay.follow(0), replay.follow(0)];
    for (let count = 1; count <= 100; count++) {
      expect(replay.append(FRAME)).toBe(true);
      expect(fast.next()?.lastId).toBe(count);
    }
    expect(replay.size()).toBeLessThanOrEqual(MAX);
    expect(slow.next()).toBeNull();
  });

  it.each(['leaves', 'falls behind'])('has room again when the reader that it waits for %s', async (how) => {
    const replay = createReplay(MAX);
    const reader = replay.follow(0);
    const count = fill(replay);
    const held = isHeld(replay);
    if (how === 'leaves') reader.leave();
    else replay.follow(count);
    await turn();
    expect(held.now).toBe(false);
    expect(replay.append(FRAME)).toBe(true);
  });

  it('waits for the remaining readers when the fastest disconnects, but not for one that fell behind', () => {
    const replay = createReplay(MAX);
    const [lost, slow, fast] = [replay.follow(0), replay.follow(0), replay.follow(0)];
    for (let count = 1; count <= 50; count++) {
      replay.append(FRAME);
      fast.next();
      if (count <= 45) slow.next();
    }
    fast.leave();
    expect(fill(replay)).toBe(6);
    expect(slow.next()?.lastId).toBe(56);
    expect(lost.next()).toBeNull();
    slow.leave();
    expect(fill(replay)).toBe(1000);
  });

  it('ends the wait by the abort signal', async () => {
    const replay = createReplay(MAX);
    replay.follow(0);
    fill(replay);
    const controller = new AbortController();
    const waiting = replay.room(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow();
  });
});
