import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Sessions } from '../../src/access/sessions.ts';
import { SignInTries } from '../../src/access/sign-in-tries.ts';

const headersOf = (token: string) => ({ cookie: `sluice_session=${token}`, 'x-sluice-console': '1' });
const HOUR = 3_600_000;

describe('sessions', () => {
  it('are over after 12 hours', () => {
    let now = 0;
    const sessions = new Sessions(randomBytes, () => now);
    const { token } = sessions.begin(Buffer.from('a'), null);
    now = 12 * HOUR - 1;
    expect(sessions.find(headersOf(token))?.digest.toString()).toBe('a');
    now = 12 * HOUR;
    expect(sessions.find(headersOf(token))).toBeNull();
  });

  it('are at most a hundred of a key: the oldest of that key ends', () => {
    const sessions = new Sessions(randomBytes, () => 0);
    const other = sessions.begin(Buffer.from('b'), null);
    const tokens = Array.from({ length: 101 }, () => sessions.begin(Buffer.from('a'), null).token);
    const found = tokens.map((token) => sessions.find(headersOf(token)) !== null);
    expect(found).toEqual([false, ...Array(100).fill(true)]);
    expect(sessions.find(headersOf(other.token))).not.toBeNull();
  });
});

it('a session calls for the organisation it was begun for', () => {
  const sessions = new Sessions(randomBytes, () => 0);
  expect(sessions.find(headersOf(sessions.begin(Buffer.from('a'), 'acme').token))?.org).toBe('acme');
  expect(sessions.find(headersOf(sessions.begin(Buffer.from('a'), null).token))?.org).toBeNull();
});

describe('tries to sign in', () => {
  it('are ten within a minute, of each address', () => {
    let now = 0;
    const tries = new SignInTries(() => now);
    for (now = 0; now < 10_000; now += 1000) tries.failed('a');
    expect([tries.waitMs('a'), tries.waitMs('b')]).toEqual([50_000, 0]);
    now = 60_000;
    expect(tries.waitMs('a')).toBe(0);
  });
});
