import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { ACCESS_ENGINES } from '../support/access.ts';
import { type Ask, chatWith, openManaged } from '../support/managed.ts';

/** `m` costs a tenth of a cent a token, `nil` nothing. */
const MODELS =
  'models:\n  m: { provider: demo, upstream: demo, prices: [{ input: 1000, output: 1000 }] }\n' +
  '  nil: { provider: demo, upstream: demo, prices: [{ input: 0, output: 0 }] }\n';
const FILE = `auth:
  keys:
    - { name: filed, key: key-filed, org: acme, budget: { day: 50 } }
    - { name: lenient, key: key-lenient, budget: { day: 0.01, on: soft } }
orgs:
  acme: { budget: { month: 30 } }
  lax: { budget: { month: 40, on: soft } }
${MODELS}`;

/** What a key is told of itself: of its own limits, of all that its calls have to pass, and what it has spent. */
async function ownOf(ask: Ask) {
  const { data } = await ask('GET', '/v1/key');
  return { limit: data['limit_remaining'], budget: data['budget_remaining'], spent: Number(data['usage']) };
}

/** USD, as a call is told that costs nothing. */
async function toldToCalls(ask: Ask): Promise<number> {
  return Number((await chatWith(ask, 'nil')).headers.get('x-sluice-budget-remaining'));
}

const usd = (amount: number): number => Number(amount.toFixed(9));

describe.each(ACCESS_ENGINES)('what is left, on %s', (_engine, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('of a budget', () => {
    it('is told of a key of the file, of its own and of its organisation, as its calls are told', async () => {
      const { boss, as } = await openManaged(await createUrl(), FILE);
      const ask = as('key-filed');
      expect(await ownOf(ask)).toEqual({ limit: 50, budget: 30, spent: 0 });
      await chatWith(ask, 'm');
      const { spent, ...left } = await ownOf(ask);
      expect(spent).toBeGreaterThan(0);
      expect(left).toEqual({ limit: usd(50 - spent), budget: usd(30 - spent) });
      expect(await toldToCalls(ask)).toBe(left.budget);
      const listed = recordsOf((await boss('GET', '/v1/keys?static=true')).body['data']);
      const ofFile = listed.map((key) => [key['name'], key['limit_remaining']]);
      expect(ofFile).toEqual([
        ['filed', left.limit],
        ['lenient', null],
      ]);
    });

    it('is the least of `limit` and `budgets`, by whichever window', async () => {
      const { boss, make } = await openManaged(await createUrl(), MODELS);
      const { ask, hash } = await make({ budgets: { day: 10, month: 20 } });
      expect(await ownOf(ask)).toEqual({ limit: 10, budget: 10, spent: 0 });
      await chatWith(ask, 'm');
      const { spent } = await ownOf(ask);
      for (const [change, least] of [
        [{}, 10 - spent],
        [{ limit: 5 }, 5 - spent],
        [{ limit: 5, limit_reset: 'weekly', budgets: { total: 4 } }, 4 - spent],
        [{ limit: 5, limit_reset: 'monthly', budgets: { month: 3 } }, 3 - spent],
        [{ limit: 0.000001, budgets: null }, 0],
      ] as const) {
        const changed = await boss('PATCH', `/v1/keys/${hash}`, change);
        expect([change, changed.data['limit_remaining']]).toEqual([change, usd(least)]);
        expect(await ownOf(ask)).toEqual({ limit: usd(least), budget: usd(least), spent });
      }
    });

    it('is told of organisations and teams, and of their keys, which have none of their own', async () => {
      const { boss, make } = await openManaged(await createUrl(), FILE);
      await boss('POST', '/v1/orgs', { id: 'team', parent_id: 'acme', budgets: { day: 20, total: 25 } });
      const [inTeam, inOrg] = [await make({ org_id: 'team' }), await make({ org_id: 'acme' })];
      const ofOrg = async (id: string) => (await boss('GET', `/v1/orgs/${id}`)).data['limit_remaining'];
      expect([await ownOf(inTeam.ask), await ownOf(inOrg.ask)]).toEqual([
        { limit: null, budget: 20, spent: 0 },
        { limit: null, budget: 30, spent: 0 },
      ]);
      await chatWith(inTeam.ask, 'm');
      const { spent, budget } = await ownOf(inTeam.ask);
      expect([budget, await ofOrg('team')]).toEqual([usd(20 - spent), usd(20 - spent)]);
      expect(await toldToCalls(inTeam.ask)).toBe(budget);
      expect([(await ownOf(inOrg.ask)).budget, await ofOrg('acme')]).toEqual([usd(30 - spent), usd(30 - spent)]);
    });

    it('is told of soft budgets as calls are told, and is no limit there', async () => {
      const { boss, as, make } = await openManaged(await createUrl(), FILE);
      const lenient = as('key-lenient');
      expect(await ownOf(lenient)).toMatchObject({ limit: null, budget: 0.01 });
      await chatWith(lenient, 'm');
      expect(await ownOf(lenient)).toMatchObject({ limit: null, budget: 0 });
      expect(await toldToCalls(lenient)).toBe(0);
      const warned = await make({ soft_budget: 7, limit_reset: 'daily' });
      expect(await ownOf(warned.ask)).toMatchObject({ limit: null, budget: 7 });
      expect(await toldToCalls(warned.ask)).toBe(7);
      const inLax = await make({ org_id: 'lax', limit: 90 });
      expect(await ownOf(inLax.ask)).toMatchObject({ limit: 90, budget: 40 });
      const soft = { budgets: { month: 40 }, budgets_on: 'soft', limit_remaining: null };
      expect((await boss('GET', '/v1/orgs/lax')).data).toMatchObject(soft);
      const listed = recordsOf((await boss('GET', '/v1/orgs')).body['data']);
      expect(listed.map(({ id, limit_remaining: left }) => [id, left])).toEqual([
        ['acme', 30],
        ['lax', null],
      ]);
    });

    it('is not told without a budget', async () => {
      const { boss, make } = await openManaged(await createUrl(), FILE);
      expect([await ownOf(boss), await ownOf((await make({ rpm_limit: 5 })).ask)]).toEqual([
        { limit: null, budget: null, spent: 0 },
        { limit: null, budget: null, spent: 0 },
      ]);
    });
  });
});
