import { describe, expect, it } from 'vitest';
import { routesOf } from '../../src/access/routes.ts';
import { OPEN_ROUTES, ROUTES } from '../../src/protocol/routes.ts';

const PLAIN = { isAdmin: false, routes: null };

describe('the allowed routes of an API key', () => {
  it('are by default those that keep nothing at a provider', () => {
    expect([...routesOf(PLAIN, false)]).toEqual([...OPEN_ROUTES]);
    expect(OPEN_ROUTES).toEqual([
      'chat',
      'embeddings',
      'images',
      'audio',
      'moderations',
      'completions',
      'models',
      'responses',
      'conversations',
    ]);
  });

  it('are all where passthrough.shared is set', () => {
    expect([...routesOf(PLAIN, true)]).toEqual([...ROUTES]);
  });

  it('are its own routes where configured, whatever passthrough.shared says', () => {
    const key = { isAdmin: false, routes: ['chat', 'files'] as const };
    for (const isShared of [true, false]) expect([...routesOf(key, isShared)]).toEqual(['chat', 'files']);
    expect(routesOf({ isAdmin: false, routes: [] }, true).size).toBe(0);
  });

  it('are all for an admin key', () => {
    expect([...routesOf({ isAdmin: true, routes: ['chat'] }, false)]).toEqual([...ROUTES]);
  });
});
