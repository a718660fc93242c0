import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createReplay, type Replay } from '../../src/calls/replay.ts';
import { GatewayError } from '../../src/protocol/errors.ts';

const ERROR = new GatewayError('upstream_error', 'It failed.');

/** A replay of frames `data: 1`, `data: 2` and so on, one per batch. */
function filled(count: number, maxBytes = 10_000): Replay {
  const replay = createReplay(maxBytes);
  for (let number = 1; number <= count; number++) replay.append(`data: ${number}\n\n`);
  return replay;
}

describe('a replay', () => {
  it('numbers every frame of a batch', () => {
    const replay = createReplay(1000);
    replay.append('data: 1\n\ndata: 2\n\n');
    replay.append('data: 3\n\n');
    const text = 'id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n';
    expect(replay.after(0)).toEqual({ text, lastId: 3 });
    expect(replay.lastId()).toBe(3);
  });

  it.each([0, 1, 2, 3])('gives what comes after frame %i', (id) => {
    const text = ['id: 1\ndata: 1\n\n', 'id: 2\ndata: 2\n\n', 'id: 3\ndata: 3\n\n'].slice(id).join('');
    expect(filled(3).after(id)).toEqual({ text, lastId: 3 });
  });

  it('counts what it keeps in bytes', () => {
    const replay = createReplay(1000);
    replay.append('data: "日本"\n\n');
    expect(replay.size()).toBe(Buffer.byteLength('id: 1\ndata: "日本"\n\n'));
  });

  it('lets the oldest frames go when it is full, and says so to whoever asks for them', () => {
    const replay = filled(100, 200);
    expect(replay.size()).toBeLessThanOrEqual(200);
    expect(replay.after(0)).toBeNull();
    expect(replay.after(100)).toEqual({ text: '', lastId: 100 });
    expect(replay.after(97)?.text).toContain('id: 98\ndata: 98\n\n');
  });

  it('keeps the newest batch, however large it is', () => {
    const replay = createReplay(10);
    replay.append('data: small\n\n');
    replay.append(`data: ${'x'.repeat(1000)}\n\ndata: 3\n\n`);
    expect(replay.after(0)).toBeNull();
    expect(replay.after(1)).toMatchObject({ lastId: 3 });
    replay.append('data: 4\n\n');
    expect(replay.after(3)).toEqual({ text: 'id: 4\ndata: 4\n\n', lastId: 4 });
    expect(replay.size()).toBe('id: 4\ndata: 4\n\n'.length);
  });

  it('gives a long stream in slices that join to the whole', () => {
    const replay = createReplay(10_000_000);
    for (let number = 1; number <= 300; number++) replay.append(`data: ${'x'.repeat(1000)}\n\n`);
    let at = 0;
    let text = '';
    for (let slice = replay.after(at); slice && slice.text !== ''; slice = replay.after(at)) {
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

  it.each(['append', 'end'] as const)('wakes everybody who waits (%s)', async (change) => {
    const replay = createReplay(1000);
    const { signal } = new AbortController();
    const waiting = Promise.all([replay.changed(signal), replay.changed(signal)]);
    if (change === 'append') replay.append('data: 1\n\n');
    else replay.end(null);
    await waiting;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('lets whoever waits go with the signal', async () => {
    const controller = new AbortController();
    const waiting = createReplay(1000).changed(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow();
  });
});
