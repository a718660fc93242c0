import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../src/protocol/json.ts';
import { ACCESS_ENGINES } from '../support/access.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { type Ask, askOf, chatWith, makeKeyElsewhere, openManaged } from '../support/managed.ts';
import { type Program, startProgram } from '../support/program.ts';
import { ALL } from '../support/usage-records.ts';
import { openUsage, type TestUsageStore } from '../support/usage-stores.ts';

const MODELS = 'models: { m: { provider: demo, upstream: demo, prices: [{ input: 0.0123, output: 0.0456 }] } }';
/** Nothing is older than half a second that is not safe; a busy machine may be late. */
const SAFE_MS = 1000;
/** Too few calls to fill batches: only time writes them. */
const PAUSE_MS = 100;
const CALLS = 50;
const RUN_MS = 2 * SAFE_MS;

const usageOf = async (ask: Ask): Promise<number> => Number((await ask('GET', '/v1/key')).data['usage']);

/** USD of the whole log. */
async function loggedBy(store: TestUsageStore): Promise<number> {
  const [sums] = await store.sums(ALL, [], 1);
  return (sums?.cost_usd ?? 0) + (sums?.wasted_cost_usd ?? 0);
}

/** Calls, several at once, until the program is killed: those that had ended so long before that they have to be safe. */
async function callUntilKilled({ url, child }: Program, secret: string): Promise<readonly string[]> {
  const ask = askOf(url, secret);
  const ended = new Map<string, number>();
  const startedAt = performance.now();
  let lastAt = startedAt;
  // Where the machine stands still no call ends, and nothing is written.
  let stillMs = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const answer = await chatWith(ask, 'm');
      expect(answer.status).toBe(200);
      const at = performance.now();
      ended.set(String(answer.headers.get('x-request-id')), at);
      stillMs = Math.max(stillMs, at - lastAt);
      lastAt = at;
      await wait(PAUSE_MS);
      if (ended.size >= CALLS && at - startedAt > RUN_MS + stillMs) child.kill('SIGKILL');
    }
  };
  const workers = Array.from({ length: 10 }, () => worker().catch(() => undefined));
  await once(child, 'exit');
  await Promise.all(workers);
  return [...ended].filter(([, at]) => at < lastAt - SAFE_MS - stillMs).map(([id]) => id);
}

describe.each(ACCESS_ENGINES)('what was spent, on %s', (_engine, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('the gateway', () => {
    it('loses neither records nor sums but those of the last moment when it is killed', async () => {
      const url = await createUrl();
      const secret = await makeKeyElsewhere(url, { kind: 'call', limits: { limit: 1000 } });
      const path = join(temporaryFolder(), 'gateway.yaml');
      const database = `database: { url: ${JSON.stringify(url)} }`;
      writeFileSync(path, `providers: { demo: { kind: demo } }\n${MODELS}\n${database}\nlog: { level: fatal }\n`);
      const safe = await callUntilKilled(await startProgram(path), secret);

      const store = await openUsage(url);
      const [sums] = await store.sums(ALL, [], 1);
      const kept = await store.page(ALL, 10_000, null);
      const ids = new Set(kept.records.map(({ id }) => id));
      expect(safe.length).toBeGreaterThan(0);
      expect(safe.filter((id) => !ids.has(id))).toEqual([]);
      const scope = `key:${kept.records[0]?.key_hash}`;
      const { rows } = await store.spent([scope], ['total'], null);
      const logged = Math.round((await loggedBy(store)) * 1e9);
      expect(rows).toMatchObject([{ nano: logged, calls: sums?.calls }]);
      expect(logged).toBeGreaterThan(0);
      // Begun anew, it knows what was spent, and goes on from there.
      const again = await startProgram(path);
      const ask = askOf(again.url, secret);
      expect(await usageOf(ask)).toBe(logged / 1e9);
      await chatWith(ask, 'm');
      expect(await usageOf(ask)).toBeGreaterThan(logged / 1e9);
    });

    it('counts for the key, its team and the organisation above, and agrees with the log', async () => {
      const url = await createUrl();
      const { boss, make, gateway } = await openManaged(url, MODELS);
      await boss('POST', '/v1/orgs', { id: 'acme' });
      await boss('POST', '/v1/orgs', { id: 'team', parent_id: 'acme' });
      const [one, other] = [await make({ org_id: 'team', limit: 1 }), await make({ org_id: 'acme' })];
      await Promise.all([one, other, one, one].map(({ ask }) => chatWith(ask, 'm')));
      const [ofOne, ofOther] = [await usageOf(one.ask), await usageOf(other.ask)];
      expect(ofOne).toBeGreaterThan(ofOther);
      const all = ofOne + ofOther;
      const team = (await boss('GET', '/v1/orgs/team')).data;
      expect(team).toMatchObject({ usage: ofOne, usage_daily: ofOne, usage_weekly: ofOne, usage_monthly: ofOne });
      expect((await boss('GET', '/v1/orgs/acme')).data['usage']).toBeCloseTo(all, 9);
      const listed = recordsOf((await boss('GET', '/v1/keys')).body['data']);
      expect(listed.map(({ hash, usage }) => [hash, usage])).toContainEqual([one.hash, ofOne]);
      const [key] = listed.filter(({ hash }) => hash === one.hash);
      expect(key).toMatchObject({ limit_remaining: Number((1 - ofOne).toFixed(9)), held: 0 });
      await gateway.close();
      expect(await loggedBy(await openUsage(url))).toBeCloseTo(all, 9);
    });

    it('begins a window of a key anew, which is in the audit', async () => {
      const url = await createUrl();
      const { boss, make, gateway } = await openManaged(url, MODELS);
      const { ask, hash } = await make({ limit: 1, limit_reset: 'daily' });
      await chatWith(ask, 'm');
      const spent = await usageOf(ask);
      const reset = await boss('POST', `/v1/keys/${hash}/reset`, { window: 'day' });
      expect([reset.status, reset.data]).toMatchObject([
        200,
        { usage: spent, usage_daily: 0, usage_weekly: spent, limit_remaining: 1 },
      ]);
      const [entry] = recordsOf((await boss('GET', `/v1/audit?subject=${hash}`)).body['data']);
      expect(entry).toMatchObject({ action: 'key.reset', change: { window: 'day' } });
      for (const body of [{}, { window: 'year' }, { window: 'day', key: 'x' }])
        expect((await boss('POST', `/v1/keys/${hash}/reset`, body)).status).toBe(400);
      expect(await boss('POST', `/v1/keys/${'0'.repeat(64)}/reset`, { window: 'day' })).toMatchObject({ status: 404 });
      expect(await ask('POST', `/v1/keys/${hash}/reset`, { window: 'day' })).toMatchObject({ status: 403 });
      await gateway.close();
      const store = await openUsage(url);
      expect((await store.sums(ALL, [], 1))[0]?.cost_usd).toBe(spent);
      const { rows } = await store.spent([`key:${hash}`], ['total'], null);
      expect(rows).toMatchObject([{ nano: Math.round(spent * 1e9), calls: 1 }]);
    });

    it('refuses after a restart what it refused before, until the window begins anew or the limit is raised', async () => {
      const url = await createUrl();
      const dear = MODELS.replace('0.0123', '100').replace('0.0456', '100');
      const before = await openManaged(url, dear);
      const { secret, hash } = await before.make({ limit: 0.05, limit_reset: 'daily' });
      const useUp = async (ask: Ask): Promise<unknown> => {
        for (let count = 0; count < 100; count++) {
          const { status, code } = await chatWith(ask, 'm');
          if (status !== 200) return code;
        }
        return null;
      };
      expect(await useUp(before.as(secret))).toBe('budget_exceeded');
      const used = (await before.as(secret)('GET', '/v1/key')).data;
      await before.gateway.close();

      const [after, elsewhere] = [await openManaged(url, dear), await openManaged(url, dear)];
      const ask = after.as(secret);
      expect((await chatWith(ask, 'm')).code).toBe('budget_exceeded');
      expect((await ask('GET', '/v1/key')).data).toEqual(used);
      await after.boss('POST', `/v1/keys/${hash}/reset`, { window: 'day' });
      expect(await useUp(ask)).toBe('budget_exceeded');
      expect((await ask('GET', '/v1/key')).data['usage']).toBeGreaterThan(Number(used['usage']));
      // By another process, known a little later.
      await elsewhere.boss('PATCH', `/v1/keys/${hash}`, { limit: 5 });
      await expect.poll(async () => (await chatWith(ask, 'm')).status).toBe(200);
    });

    it('is kept without a log', async () => {
      const url = await createUrl();
      const { make, gateway } = await openManaged(url, MODELS, 'none');
      const { ask, hash } = await make({});
      await chatWith(ask, 'm');
      const spent = await usageOf(ask);
      expect(spent).toBeGreaterThan(0);
      await gateway.close();
      const store = await openUsage(url);
      expect(await store.sums(ALL, [], 1)).toMatchObject([{ calls: 0 }]);
      expect((await store.spent([`key:${hash}`], ['total'], null)).rows).toMatchObject([
        { nano: Math.round(spent * 1e9) },
      ]);
    });
  });
});
