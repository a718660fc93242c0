import { expect, it } from 'vitest';
import { CLASSES } from '../../bench/hostile/classes.ts';
import { runHostile } from '../../bench/hostile/run.ts';

it('hostile (malformed) requests get a JSON error in the envelope, and the gateway stays healthy after them', {
  timeout: 180_000,
}, async () => {
  const { answers, violations } = await runHostile(300, 1);
  expect(violations).toEqual([]);
  expect([...answers.keys()].sort()).toEqual([...new Set(CLASSES.map(([name]) => name))].sort());
});
