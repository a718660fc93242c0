import { describe, expect, it } from 'vitest';
import { StreamCover } from '../../src/calls/stream-cover.ts';

/** One that has begun with 1,000 tokens paid for, of an answer that may have 4,000. */
function begun(): StreamCover {
  const cover = new StreamCover();
  cover.begin(0, 1000, 4000);
  return cover;
}

describe('what of a stream is paid for', () => {
  it('is asked for more when half of it is used, then with each step, until nothing more can come', () => {
    const cover = begun();
    expect(cover.askAt).toBe(500);
    const asked: number[] = [];
    while (Number.isFinite(cover.askAt)) {
      asked.push(cover.askAt);
      cover.pause();
      cover.granted(1024);
    }
    expect(asked).toEqual([500, 1524, 2548]);
  });

  it('is asked for once at a time', () => {
    const cover = begun();
    cover.pause();
    expect(cover.askAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('is used to its end after a refusal, and then asked for once more', () => {
    const cover = begun();
    cover.pause();
    expect(cover.refused(500)).toBe(false);
    expect(cover.askAt).toBe(1000);
    cover.pause();
    expect(cover.refused(1000)).toBe(true);
    expect(cover.askAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('may be less than a step: what is granted is used to its end as well', () => {
    const cover = begun();
    cover.pause();
    cover.granted(100);
    expect(cover.askAt).toBe(600);
    cover.pause();
    expect([cover.refused(700), cover.askAt]).toEqual([false, 1100]);
  });

  it('is not asked for where all that may come is paid for', () => {
    const cover = new StreamCover();
    cover.begin(0, 1000, 1000);
    expect(cover.askAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('begins anew with another attempt, from what was said before', () => {
    const cover = begun();
    cover.begin(700, 1000, 4000);
    expect(cover.askAt).toBe(1200);
  });
});
