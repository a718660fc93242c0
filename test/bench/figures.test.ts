import { expect, it } from 'vitest';
import { countStalls, median, medianRatio, trimmedMean } from '../../bench/compare/figures.ts';
import { judged, toFigure, toTable } from '../../bench/compare/table.ts';
import { isWholeStream, percentile } from '../../bench/load.ts';

it('finds a percentile of a list', () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0, 0.5, 0.99, 1].map((share) => percentile(sorted, share))).toEqual([1, 51, 100, 100]);
});

it('finds the median whatever the order, without changing the list', () => {
  const values = [30, 4, 200];
  expect(median(values)).toBe(30);
  expect(values).toEqual([30, 4, 200]);
});

it('leaves a share of the lowest and of the highest out of a mean', () => {
  expect(trimmedMean([900, 4, 5, 6, 5, 5, 5, 5, 5, -70], 0.1)).toBe(5);
  expect(trimmedMean([1, 2, 6], 0)).toBe(3);
});

it('compares two servers round by round, so that a slow round counts on both sides', () => {
  expect(medianRatio([20, 400, 24], [10, 200, 10])).toBe(2);
});

it('counts as stalls only the gaps that are longer than the limit', () => {
  expect(countStalls([20, 200, 200.1, 950], 200)).toBe(2);
});

it('prints a figure with its goal and the verdict', () => {
  expect(judged(1.3, 2, { atMost: 1.3 })).toBe('1.30 (≤ 1.3) ✓');
  expect(judged(1.31, 2, { atMost: 1.3 })).toBe('1.31 (≤ 1.3) ✗');
  expect(judged(3.2, 2, { atLeast: 3 })).toBe('3.20 (≥ 3) ✓');
  expect(judged(2, 2, { atLeast: 3 })).toBe('2.00 (≥ 3) ✗');
});

it('prints no verdict where nothing was measured or nothing is asked for', () => {
  expect(judged(Number.NaN, 2, { atMost: 1.3 })).toBe('-');
  expect(judged(1.5, 2, { atMost: Number.NaN })).toBe('1.50');
  expect(judged(1.5, 2, {})).toBe('1.50');
  expect(toFigure(undefined, 1)).toBe('-');
});

it('prints a Markdown table whose figures stand to the right', () => {
  expect(toTable(['what', 'µs'], [['call', '12.5']])).toBe('| what | µs |\n| --- | ---: |\n| call | 12.5 |\n\n');
});

it.each([
  ['data: [DONE]\n\n', true],
  ['"finishReason":"STOP"}]}\r\n\r\n', true],
  ['"finish_reason":"stop"}]}\n\n', true],
  ['"delta":{"content":" word"},"finish_reason":null}]}\n\n', false],
])('distinguishes a whole stream from one that broke off: %j', (tail, isWhole) => {
  expect(isWholeStream(tail)).toBe(isWhole);
});
