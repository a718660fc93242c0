import { describe, expect, it } from 'vitest';
import type { CallPage } from '../../console/src/feed/calls.ts';
import type { EndedBody } from '../../console/src/feed/wire.ts';
import { withOthers, withTold } from '../../console/src/pages/calls/ended-list.ts';
import { buildEnded } from './support/calls.ts';

const at = (seconds: number, fraction = '000'): string => `2026-11-29T12:00:0${seconds}.${fraction}Z`;

function page(data: readonly EndedBody[], hasMore = false): CallPage<EndedBody> {
  return { data, has_more: hasMore, next_cursor: hasMore ? 'next' : null };
}

function listed(told: readonly EndedBody[], query = '', asked = page([])): string[] {
  return withTold(asked, told, new URLSearchParams(query)).data.map(({ id }) => id);
}

describe('ended calls with what the feed has told of since', () => {
  it('stand in the order of the log: by the second they came in, then by their end', () => {
    const asked = page([buildEnded({ id: 'b', created_at: at(3) }), buildEnded({ id: 'a', created_at: at(1) })]);
    const told = [
      buildEnded({ id: 'd', created_at: at(3, '100') }),
      buildEnded({ id: 'slow', created_at: at(2) }),
      buildEnded({ id: 'c', created_at: at(3, '900') }),
    ];
    expect(listed(told, '', asked)).toEqual(['d', 'c', 'b', 'slow', 'a']);
  });

  it('are listed once, also where the log knows their time to the second alone', () => {
    const asked = page([buildEnded({ id: 'a', created_at: at(1) })]);
    expect(listed([buildEnded({ id: 'a', created_at: at(1, '700') })], '', asked)).toEqual(['a']);
  });

  it('are left to the later pages where they belong there', () => {
    const asked = page([buildEnded({ id: 'b', created_at: at(5) })], true);
    const told = [buildEnded({ id: 'c', created_at: at(6) }), buildEnded({ id: 'a', created_at: at(4) })];
    expect(listed(told, '', asked)).toEqual(['c', 'b']);
  });

  it.each([
    ['model=demo', true],
    ['model=asked', true],
    ['model=other', false],
    ['answered_by=demo', true],
    ['answered_by=asked', false],
    ['id=call', true],
    ['id=cal', false],
    ['unknown_cost=true', false],
    ['provider=demo&limit=50&all=true', true],
    ['outcome=failed', true],
    ['outcome=completed', false],
    ['error_code=upstream_timeout', true],
    ['error_code=upstream_error', false],
    ['key=a', true],
    ['key=b', false],
    ['slower_than_ms=299', true],
    ['slower_than_ms=300', false],
    ['from=1796040000', true],
    ['from=1796040001', false],
    ['to=1796040001', true],
    ['to=1796040000', false],
  ])('are those that the filters mean: %s', (query, isListed) => {
    const error = { code: 'upstream_timeout', message: 'It took too long.' };
    const requested_model = 'asked';
    const call = buildEnded({ state: 'failed', error, requested_model, created_at: '2026-11-30T12:00:00.900Z' });
    expect(listed([call], query)).toEqual(isListed ? ['call'] : []);
  });

  it('are those without a known price, where these are meant', () => {
    expect(listed([buildEnded({ cost_usd: null })], 'unknown_cost=true')).toEqual(['call']);
    expect(listed([buildEnded({ cost_usd: null, usage_source: null })], 'unknown_cost=true')).toEqual([]);
  });

  it('go with the pages that were asked for by hand, each once', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => buildEnded({ id })) as [EndedBody, EndedBody, EndedBody];
    expect(withOthers([a, b], [b, c]).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });
});
