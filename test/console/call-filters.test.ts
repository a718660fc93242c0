import { describe, expect, it } from 'vitest';
import { curlOf, firstToTry } from '../../console/src/pages/calls/first-call.ts';
import { readFilters, toQuery } from '../../console/src/pages/calls/query.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

function queryOf(address: string, isAdmin = true): string {
  return toQuery(new URLSearchParams(address), isAdmin, NOW, 50).toString();
}

describe('the filters in the address of the calls', () => {
  it('are asked for by the names of the API', () => {
    const filters = 'outcome=failed&model=luna&answered_by=sol&provider=p&error_code=e_1&id=x';
    expect(queryOf(`${filters}&slower_than_ms=9&unknown_cost=true`)).toBe(
      `limit=50&${filters}&slower_than_ms=9&unknown_cost=true&all=true`,
    );
    expect(queryOf('key=a')).toBe('limit=50&key=a');
    expect(queryOf('key=a', false)).toBe('limit=50');
    expect(queryOf('since=hour', false)).toBe(`limit=50&from=${NOW / 1000 - 3600}`);
    expect(queryOf('from=1795521600&to=1795608000', false)).toBe('limit=50&from=1795521600&to=1795608000');
  });

  it.each([
    'slower_than_ms=abc',
    'slower_than_ms=-1',
    'outcome=zzz',
    'since=toString',
    'from=yesterday',
    'error_code=Not%20a%20code',
    'unknown_cost=yes',
    `id=${'x'.repeat(257)}`,
    'model=',
    'from=1795608000&to=1795521600',
  ])('are passed over where they say what cannot be: %s', (address) => {
    expect(readFilters(new URLSearchParams(address))).toEqual({});
    expect(queryOf(address)).toBe(queryOf(''));
  });

  it('have one beginning: that which another page led here with', () => {
    expect(queryOf('since=hour&from=1795521600', false)).toBe('limit=50&from=1795521600');
    expect(queryOf('since=hour&to=1795521600', false)).toBe('limit=50&to=1795521600');
  });
});

describe('the command for a first call', () => {
  const chat = (id: string, available = true) => ({ id, available, kind: 'chat' as const });

  it('asks the demo, which costs nothing, else the first model that chats and can be asked', () => {
    expect(firstToTry([chat('luna'), chat('demo')])).toBe('demo');
    const embedding = { id: 'vectors', available: true, kind: 'embedding' as const };
    expect(firstToTry([embedding, chat('gone', false), chat('luna'), chat('sol')])).toBe('luna');
    expect(firstToTry([embedding])).toBeNull();
  });

  it('names the variable of the key, and keeps quotes for the shell', () => {
    expect(curlOf('http://x', 'luna', false)).toBe(
      `curl http://x/v1/chat/completions -d '{"model":"luna","messages":[{"role":"user","content":"Hello"}]}'`,
    );
    expect(curlOf('http://x', "it's", true)).toContain(
      `-H "authorization: Bearer $SLUICE_API_KEY" -d '{"model":"it'\\''s"`,
    );
  });
});
