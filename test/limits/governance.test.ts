import { describe, expect, it } from 'vitest';
import { createGovernance, type Governance } from '../../src/limits/governance.ts';
import type { Admitted } from '../../src/limits/ledger.ts';
import { modelScope } from '../../src/limits/scope.ts';
import { toUsage } from '../../src/protocol/delta.ts';
import { requestOf } from '../support/asked.ts';
import { buildTarget } from '../support/targets.ts';
import { budget, KEY, ORG, START, UNLIMITED } from './ledgers.ts';

const PRICES = [{ input: 1, output: 10 }];
const [CHEAP, DEAR] = [
  { ...buildTarget('p/cheap'), prices: PRICES },
  { ...buildTarget('p/dear'), prices: [{ input: 10, output: 100 }] },
];
const TERMS = { at: START, p95Tokens: 500, allowsUnpriced: false };

async function govern(usd: number): Promise<Governance> {
  const governance = createGovernance(() => START);
  await governance.ledger.change(KEY.id, { version: 1, limits: { ...UNLIMITED, rpm: 60, tpm: 100_000 } });
  await governance.ledger.change(ORG.id, {
    version: 1,
    limits: { ...UNLIMITED, budget: budget('hard', { day: usd }) },
  });
  await governance.ledger.change(modelScope(KEY, 'dear').id, { version: 1, limits: { ...UNLIMITED, rpm: 1 } });
  return governance;
}

describe('the life of a governed call', () => {
  it('is reserved, falls back to a dearer model, grows while it streams, and is settled with what both cost', async () => {
    const { ledger, sizeOf, quoteOf, askFor, topUp, settlementOf, spendRows, limitHeaders } = await govern(1);
    const size = sizeOf(requestOf({ model: 'cheap', stream: true, messages: [{ role: 'user', content: 'Hello' }] }));
    const first = askFor(quoteOf(size, CHEAP, TERMS), false);
    const admitted = (await ledger.reserve('a/1', [KEY, ORG], first)) as Admitted;
    expect(limitHeaders(admitted)).toMatchObject({
      'x-ratelimit-remaining-requests': '59',
      'x-sluice-budget-remaining': '0.979993',
    });

    const failed = { usage: toUsage({ prompt: 9, completion: 0 }), usd: 0.000009 };
    const quote = quoteOf(size, DEAR, TERMS);
    const spent = settlementOf([failed], ({ usd }) => usd);
    const second = askFor(quote, false, spent);
    const extended = await ledger.extend('a/1', second, [modelScope(KEY, 'dear')]);
    expect(extended).toMatchObject({ outcome: 'extended', nano: second.nano });

    const more = topUp(quote, { nano: second.nano ?? 0, tokens: second.tokens });
    expect(await ledger.extend('a/1', more)).toMatchObject({ outcome: 'extended', nano: more.nano });

    const answered = { usage: toUsage({ prompt: 9, completion: 2500 }), usd: 0.25009 };
    const settled = await ledger.settle(
      'a/1',
      settlementOf([failed, answered], ({ usd }) => usd),
    );
    const rows = settled.outcome === 'settled' ? spendRows([settled.booking]) : [];
    expect(rows.map(({ scope, win, nano }) => `${scope} ${win} ${nano}`)).toEqual(
      [KEY, ORG].flatMap(({ id }) =>
        ['d20261128', 'm202611', 'total', 'w202648'].map((win) => `${id} ${win} 250099000`),
      ),
    );
    const [reading] = await ledger.read([ORG.id]);
    expect(reading).toMatchObject({ heldNano: 0, windows: { day: { spentNano: 250_099_000, leftNano: 749_901_000 } } });
  });

  it('is clamped where it is not streamed and less is left than it might take', async () => {
    const { ledger, sizeOf, quoteOf, askFor, clampOf, toLimitError, limitedBy } = await govern(0.01);
    const size = sizeOf(requestOf({ model: 'cheap', messages: [{ role: 'user', content: 'Hello' }] }));
    const quote = quoteOf(size, CHEAP, TERMS);
    const { nano } = (await ledger.reserve('a/1', [KEY, ORG], askFor(quote, true))) as Admitted;
    expect([nano, clampOf(quote, nano)]).toEqual([10_000_000, 999]);
    const refused = await ledger.reserve('a/2', [KEY, ORG], askFor(quote, true));
    if (refused.outcome !== 'refused') return expect.unreachable();
    expect([limitedBy(refused), toLimitError(refused, 'cheap').status]).toEqual(['org:budget-day', 402]);
  });
});
