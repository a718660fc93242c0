import { describe, expect, it } from 'vitest';
import { healthWords } from '../../console/src/app/health-words.ts';
import type { TargetState } from '../../console/src/feed/wire.ts';

const WELL = { breakers: [], keys_resting: 0, reload: null };

describe('the sign beside Health', () => {
  it('finds nothing where all is well', () => {
    expect(healthWords(WELL)).toEqual([]);
    expect(healthWords({ ...WELL, reload: { at: '2026-11-01T00:00:00Z', ok: true } })).toEqual([]);
  });

  it('names what is not', () => {
    const breaker: TargetState = { target: 'm', provider: 'p', state: 'open' };
    const breakers = [breaker, breaker];
    const reload = { at: '2026-11-01T00:00:00Z', ok: false };
    expect(healthWords({ breakers, keys_resting: 1, reload })).toEqual([
      '2 breakers not closed',
      '1 key of providers at rest',
      'the last reload was refused',
    ]);
  });
});
