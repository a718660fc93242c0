import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pace } from '../../console/src/answer/pace.ts';

const FRAME_MS = 16;
let now = 0;
let frames: (() => void)[] = [];
let after: (() => void)[] = [];

/** Goes on to the next frame, and to what was put off until it is painted. */
function nextFrame(): void {
  now += FRAME_MS - (now % FRAME_MS);
  for (const callback of frames.splice(0)) callback();
  for (const callback of after.splice(0)) callback();
}

/** How often it draws in a second in which something comes all the time. @param costMs of drawing once */
function drawnInASecond(costMs: number): number {
  let drawn = 0;
  const pace = new Pace(() => {
    drawn++;
    now += costMs;
  });
  while (now < 1000) {
    pace.want();
    nextFrame();
  }
  return drawn;
}

describe('the pace at which an answer is drawn', () => {
  beforeEach(() => {
    [now, frames, after] = [0, [], []];
    vi.stubGlobal('performance', { now: () => now });
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
    vi.stubGlobal('cancelAnimationFrame', () => frames.splice(0));
    vi.stubGlobal('setTimeout', (callback: () => void) => after.push(callback));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('is one change a frame where drawing costs little', () => {
    expect(drawnInASecond(2)).toBeGreaterThanOrEqual(60);
  });

  it('leaves three quarters of the time to the reader where drawing costs much', () => {
    const drawn = drawnInASecond(50);
    expect(drawn).toBeGreaterThanOrEqual(4);
    expect(drawn).toBeLessThanOrEqual(5);
  });

  it('draws no more after its end, until something comes again', () => {
    let drawn = 0;
    const pace = new Pace(() => drawn++);
    pace.want();
    pace.end();
    nextFrame();
    expect(drawn).toBe(0);
    pace.want();
    nextFrame();
    expect(drawn).toBe(1);
  });
});
