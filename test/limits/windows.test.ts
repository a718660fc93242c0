import { describe, expect, it } from 'vitest';
import {
  nextWindowAt,
  WINDOWS,
  windowKey,
  windowKeysAt,
  windowKeysBefore,
  windowsAt,
} from '../../src/limits/windows.ts';

describe('windowsAt', () => {
  it.each([
    ['2026-11-28T23:59:59.999Z', [20261128, 202648, 202611, 0]],
    ['2026-11-29T00:00:00Z', [20261129, 202648, 202611, 0]],
    ['2026-11-30T00:00:00Z', [20261130, 202649, 202611, 0]],
    // Years of weeks end with a Sunday: 2026 has 53 of them, 2025 began on Monday the 30th of December.
    ['2026-12-31T12:00:00Z', [20261231, 202653, 202612, 0]],
    ['2027-01-03T23:59:59Z', [20270103, 202653, 202701, 0]],
    ['2027-01-04T00:00:00Z', [20270104, 202701, 202701, 0]],
    ['2024-12-30T00:00:00Z', [20241230, 202501, 202412, 0]],
    ['2028-02-29T00:00:00Z', [20280229, 202809, 202802, 0]],
  ])('of %s are %j', (time, ids) => {
    expect(windowsAt(Date.parse(time))).toEqual(ids);
  });
});

describe('nextWindowAt', () => {
  it.each([
    ['2026-11-28T12:00:00Z', ['2026-11-29', '2026-11-30', '2026-12-01', null]],
    ['2026-11-30T00:00:00Z', ['2026-12-01', '2026-12-07', '2026-12-01', null]],
    ['2026-12-31T23:59:59Z', ['2027-01-01', '2027-01-04', '2027-01-01', null]],
  ])('after %s is %j', (time, days) => {
    const starts = WINDOWS.map((name) => nextWindowAt(name, Date.parse(time)));
    expect(starts.map((at) => at && new Date(at).toISOString())).toEqual(
      days.map((day) => day && `${day}T00:00:00.000Z`),
    );
  });

  it('is the first moment with another id', () => {
    for (let at = Date.UTC(2026, 0); at < Date.UTC(2031, 0); at += 86_400_000 / 2) {
      for (const [index, name] of WINDOWS.entries()) {
        const next = nextWindowAt(name, at);
        if (next === null) continue;
        expect(windowsAt(next - 1)[index]).toBe(windowsAt(at)[index]);
        expect(windowsAt(next)[index]).not.toBe(windowsAt(at)[index]);
      }
    }
  });
});

it('windows are named as the database has them', () => {
  const at = Date.UTC(2026, 10, 28);
  const names = ['d20261128', 'w202648', 'm202611', 'total'];
  expect([...WINDOWS.keys()].map((index) => windowKey(index, windowsAt(at)))).toEqual(names);
  expect(Object.values(windowKeysAt(at))).toEqual(names);
});

it.each([
  ['2026-11-28T12:00:00Z', ['d20261127', 'w202647', 'm202610']],
  ['2026-03-31T12:00:00Z', ['d20260330', 'w202613', 'm202602']],
  ['2027-01-01T00:00:00Z', ['d20261231', 'w202652', 'm202612']],
])('the windows before those of %s are %j', (time, names) => {
  expect(windowKeysBefore(Date.parse(time))).toEqual(names);
});
