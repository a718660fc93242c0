import { describe, expect, it } from 'vitest';
import { type JsonRecord, recordsOf } from '../../src/protocol/json.ts';
import { ACCESS_ENGINES } from '../support/access.ts';
import { askOf, chatWith, makeKeyElsewhere, openManaged } from '../support/managed.ts';

const UNKNOWN = '0'.repeat(64);

describe.each(ACCESS_ENGINES)('keys made at run time on %s', (_engine, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('the gateway', () => {
    it('makes a key whose secret is told once, and which calls at once', async () => {
      const { boss, as } = await openManaged(await createUrl());
      const made = await boss('POST', '/v1/keys', { name: 'team', limit: 5, limit_reset: 'daily', rpm_limit: 10 });
      expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store']);
      expect(made.body['key']).toMatch(/^sk-sl-[\w-]{43}$/);
      expect(made.data).toMatchObject({
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        name: 'team',
        label: expect.stringMatching(/^sk-sl-[\w-]{3}…[\w-]{4}$/),
        kind: 'call',
        disabled: false,
        limit: 5,
        limit_reset: 'daily',
        limit_remaining: 5,
        rpm_limit: 10,
        usage: 0,
        usage_daily: 0,
        held: 0,
        last_used_at: null,
      });
      const call = as(String(made.body['key']));
      expect((await chatWith(call)).status).toBe(200);
      const own = await call('GET', '/v1/key');
      expect(own.data).toMatchObject({ hash: made.data['hash'], kind: 'call', limit: 5, limit_remaining: 5 });
      const shown = await boss('GET', `/v1/keys/${made.data['hash']}`);
      expect(shown.data).toEqual(made.data);
      expect((await boss('GET', '/v1/keys')).body['total']).toBe(2);
    });

    it('tells apart who manages and who calls', async () => {
      const { boss, make } = await openManaged(await createUrl());
      const { ask, hash } = await make({});
      expect(await chatWith(boss)).toMatchObject({ status: 403, code: 'route_not_allowed' });
      for (const [method, path] of [
        ['GET', '/v1/keys'],
        ['POST', '/v1/keys'],
        ['GET', `/v1/keys/${hash}`],
        ['PATCH', `/v1/keys/${hash}`],
        ['DELETE', `/v1/keys/${hash}`],
        ['POST', `/v1/keys/${hash}/rotate`],
        ['GET', '/v1/orgs'],
        ['GET', '/v1/audit'],
      ] as const) {
        const body = method === 'GET' ? undefined : { name: 'x' };
        const answer = await ask(method, path, path.endsWith('rotate') ? {} : body);
        expect([method, path, answer.status, answer.code]).toEqual([method, path, 403, 'route_not_allowed']);
      }
    });

    it('refuses a key that is disabled, expired, deleted or out of its grace, from the next call on', async () => {
      const { boss, as, make } = await openManaged(await createUrl());
      const { ask, hash, secret } = await make({});
      const statusOf = async (): Promise<unknown[]> => [(await chatWith(ask)).status, (await chatWith(ask)).code];
      expect(await statusOf()).toEqual([200, undefined]);
      await boss('PATCH', `/v1/keys/${hash}`, { disabled: true });
      expect(await statusOf()).toEqual([401, 'key_disabled']);
      await boss('PATCH', `/v1/keys/${hash}`, { disabled: false, expires_at: '2020-01-01T00:00:00Z' });
      expect(await statusOf()).toEqual([401, 'key_expired']);
      await boss('PATCH', `/v1/keys/${hash}`, { expires_at: null });
      expect(await statusOf()).toEqual([200, undefined]);
      const kept = await boss('POST', `/v1/keys/${hash}/rotate`);
      expect((await chatWith(as(String(kept.body['key'])))).status).toBe(200);
      expect(await statusOf()).toEqual([200, undefined]);
      for (const grace of ['soon', '400d', 5, -1])
        expect((await boss('POST', `/v1/keys/${hash}/rotate`, { grace })).status).toBe(400);
      const cut = await boss('POST', `/v1/keys/${hash}/rotate`, { grace: 0 });
      expect(cut.body['key']).not.toBe(secret);
      expect(await statusOf()).toEqual([401, 'invalid_api_key']);
      expect((await boss('DELETE', `/v1/keys/${hash}`)).body).toEqual({ deleted: true });
      expect((await chatWith(as(String(cut.body['key'])))).code).toBe('invalid_api_key');
    });

    it('knows what is unknown, and what is written wrongly', async () => {
      const { boss } = await openManaged(await createUrl());
      for (const [method, path] of [
        ['GET', `/v1/keys/${UNKNOWN}`],
        ['PATCH', `/v1/keys/${UNKNOWN}`],
        ['DELETE', `/v1/keys/${UNKNOWN}`],
        ['POST', `/v1/keys/${UNKNOWN}/rotate`],
        ['GET', '/v1/orgs/nobody'],
        ['PATCH', '/v1/orgs/nobody'],
        ['DELETE', '/v1/orgs/nobody'],
      ] as const)
        expect([path, (await boss(method, path, method === 'GET' ? undefined : {})).code]).toEqual([path, 'not_found']);
      for (const [body, code, param] of [
        [{}, 'missing_required_parameter', 'name'],
        [{ name: '' }, 'invalid_value', 'name'],
        [{ name: 'a\nb' }, 'invalid_value', 'name'],
        [{ nam: 'x' }, 'unknown_parameter', 'nam'],
        [{ name: 'x', limit: -1 }, 'decimal_below_min_value', 'limit'],
        [{ name: 'x', limit: '5' }, 'invalid_type', 'limit'],
        [{ name: 'x', limit_reset: 'hourly' }, 'invalid_value', 'limit_reset'],
        [{ name: 'x', limit_reset: 'daily' }, 'invalid_value', 'limit_reset'],
        [{ name: 'x', limit_reset: 'daily', budgets: { day: 1 } }, 'invalid_value', 'limit_reset'],
        [{ name: 'x', rpm_limit: 1.5 }, 'invalid_type', 'rpm_limit'],
        [{ name: 'x', expires_at: 'tomorrow' }, 'invalid_value', 'expires_at'],
        [{ name: 'x', expires_at: '9999-12-31T23:59:59.999-23:59' }, 'invalid_value', 'expires_at'],
        [{ name: 'x', expires_at: '1970-01-01T00:00:00+00:01' }, 'invalid_value', 'expires_at'],
        [{ name: 'x', models: 'gpt' }, 'invalid_type', 'models'],
        [{ name: 'x', models: ['gpt-*', ' gpt-*'] }, 'invalid_value', 'models[1]'],
        [{ name: 'x', models: ['gpt-*\t'] }, 'invalid_value', 'models[0]'],
        [{ name: 'x', models: [' '] }, 'invalid_value', 'models[0]'],
        [{ name: 'x', routes: ['nowhere'] }, 'invalid_value', 'routes[0]'],
        [{ name: 'x', budgets: { year: 1 } }, 'unknown_parameter', 'budgets.year'],
        [{ name: 'x', metadata: { a: 'x'.repeat(9000) } }, 'invalid_value', 'metadata'],
        [{ name: 'x', org_id: 'nobody' }, 'invalid_value', 'org_id'],
        ['[]', 'invalid_type', null],
        ['{', 'invalid_json', null],
      ] as const) {
        const { status, body: answer } = await boss('POST', '/v1/keys', body);
        expect([status, answer]).toMatchObject([400, { error: { code, param, type: 'invalid_request_error' } }]);
      }
      const spaced = await boss('POST', '/v1/orgs', { id: 'acme', models: [' gpt-*'] });
      expect([spaced.status, spaced.body]).toMatchObject([400, { error: { param: 'models[0]' } }]);
      expect(spaced.body).toMatchObject({ error: { message: expect.stringContaining('without spaces around it') } });
      expect((await boss('GET', '/v1/keys?limit=101')).code).toBe('invalid_value');
      expect((await boss('PUT', '/v1/keys')).status).toBe(405);
      expect((await boss('GET', '/v1/keys')).body['total']).toBe(1);
    });

    it('takes every time that clients can read', async () => {
      const { boss, make } = await openManaged(await createUrl());
      const { hash } = await make({ models: ['a model'] });
      for (const time of ['9999-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z']) {
        const changed = await boss('PATCH', `/v1/keys/${hash}`, { expires_at: time });
        expect(changed.data).toMatchObject({ expires_at: time, models: ['a model'] });
      }
      const late = await boss('PATCH', `/v1/keys/${hash}`, { expires_at: '9999-12-31T23:59:59-00:01' });
      const message = expect.stringContaining('1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z');
      expect([late.status, late.body]).toMatchObject([400, { error: { message, param: 'expires_at' } }]);
    });

    it('keeps when a limit begins anew, where it is said that there is none yet', async () => {
      const { boss, make } = await openManaged(await createUrl());
      const { hash } = await make({ limit: null, limit_reset: 'monthly' });
      const change = async (body: object) => (await boss('PATCH', `/v1/keys/${hash}`, body)).data;
      expect(await change({ limit: 3 })).toMatchObject({ limit: 3, limit_reset: 'monthly', limit_remaining: 3 });
      expect(await change({ limit: null })).toMatchObject({ limit: null, limit_reset: 'monthly' });
      const refused = await boss('PATCH', `/v1/keys/${hash}`, { limit_reset: 'daily' });
      expect([refused.status, refused.body]).toMatchObject([400, { error: { param: 'limit_reset' } }]);
      expect(await change({ limit: null, limit_reset: 'daily' })).toMatchObject({ limit: null, limit_reset: 'daily' });
      expect(await change({ soft_budget: 1, limit_reset: 'weekly' })).toMatchObject({ limit_reset: 'weekly' });
      expect((await boss('POST', '/v1/orgs', { id: 'acme', limit_reset: 'daily' })).status).toBe(400);
      expect((await boss('POST', '/v1/orgs', { id: 'acme', limit_reset: 'daily', limit: null })).status).toBe(201);
      expect((await boss('PATCH', '/v1/orgs/acme', { limit_reset: 'weekly' })).status).toBe(400);
      expect((await boss('PATCH', '/v1/orgs/acme', { limit: 1 })).data).toMatchObject({ limit_reset: 'daily' });
    });

    it('changes one window of a budget and one model alone, and removes what is null', async () => {
      const { boss } = await openManaged(await createUrl());
      const models = { demo: { rpm_limit: 5 }, 'demo:slow': { rpm_limit: 1 } };
      const facts = { budgets: { day: 5, week: null, month: 9 }, model_limits: models };
      const { data } = await boss('POST', '/v1/keys', { name: 'a', ...facts });
      await boss('POST', '/v1/orgs', { id: 'acme', ...facts });
      for (const path of [`/v1/keys/${data['hash']}`, '/v1/orgs/acme']) {
        expect((await boss('GET', path)).data).toMatchObject({ budgets: { day: 5, month: 9 }, model_limits: models });
        const change = { budgets: { day: 3 }, model_limits: { demo: null } };
        const after = { budgets: { day: 3, month: 9 }, model_limits: { 'demo:slow': { rpm_limit: 1 } } };
        const limits = ({ budgets, model_limits: ofModels }: JsonRecord) => ({ budgets, model_limits: ofModels });
        expect(limits((await boss('PATCH', path, change)).data)).toEqual(after);
        const none = { budgets: { day: null, month: null }, model_limits: null };
        expect(limits((await boss('PATCH', path, none)).data)).toEqual({ budgets: null, model_limits: null });
      }
    });

    it('counts what a key has spent by the key and not by its name', async () => {
      const prices = 'models: { m: { provider: demo, upstream: demo, prices: [{ input: 1000, output: 1000 }] } }';
      const { boss, make } = await openManaged(await createUrl(), prices);
      const [one, other] = [await make({ name: 'same' }), await make({ name: 'same' })];
      await chatWith(one.ask, 'm');
      const spent = Number((await one.ask('GET', '/v1/key')).data['usage']);
      expect(spent).toBeGreaterThan(0);
      expect((await other.ask('GET', '/v1/key')).data).toMatchObject({ usage: 0, usage_daily: 0 });
      const listed = recordsOf((await boss('GET', '/v1/keys')).body['data']);
      expect(listed.map(({ hash, usage_monthly: usage }) => [hash, usage])).toContainEqual([one.hash, spent]);
      expect(recordsOf((await other.ask('GET', '/v1/usage/records')).body['data'])).toEqual([]);
      const [record] = recordsOf((await one.ask('GET', '/v1/usage/records')).body['data']);
      expect(record).toMatchObject({ key: 'same', key_hash: one.hash, org: null });
      expect(recordsOf((await other.ask('GET', '/v1/requests?state=ended')).body['data'])).toEqual([]);
    });

    it('comes to know of a key that another process made, also where none was needed before', async () => {
      const url = await createUrl();
      const { url: gateway, boss } = await openManaged(url);
      const secret = await makeKeyElsewhere(url, { kind: 'call', name: 'late' });
      const late = askOf(gateway, secret);
      await expect.poll(async () => (await chatWith(late)).status, { interval: 50 }).toBe(200);
      expect(recordsOf((await boss('GET', '/v1/audit')).body['data'])).toHaveLength(2);
    });

    it('has it on record when a key was used last', async () => {
      const url = await createUrl();
      const { gateway, make } = await openManaged(url);
      const { ask, hash } = await make({});
      await chatWith(ask);
      // While it runs, once in half a minute.
      await gateway.stop();
      const { boss } = await openManaged(url);
      const { last_used_at: last, created_at: created } = (await boss('GET', `/v1/keys/${hash}`)).data;
      expect(Date.parse(String(last))).toBeGreaterThanOrEqual(Date.parse(String(created)));
    });

    it('has every change on record, with who made it and what was before', async () => {
      const { boss, make } = await openManaged(await createUrl());
      const { hash } = await make({ name: 'a', limit: 1 });
      await boss('PATCH', `/v1/keys/${hash}`, { name: 'b', limit: null, expires_at: '2030-01-01T00:00:00Z' });
      await boss('POST', `/v1/keys/${hash}/rotate`, { grace: '1h' });
      await boss('DELETE', `/v1/keys/${hash}`);
      const { hash: bossHash } = (await boss('GET', '/v1/key')).data;
      const first = (await boss('GET', `/v1/audit?subject=${hash}&limit=3`)).body;
      const second = (await boss('GET', `/v1/audit?subject=${hash}&limit=3&after=${first['next_cursor']}`)).body;
      const entries = [...recordsOf(first['data']), ...recordsOf(second['data'])];
      expect(entries.map(({ action }) => action)).toEqual(['key.deleted', 'key.rotated', 'key.changed', 'key.created']);
      expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set([`key:${bossHash}`]));
      expect(entries[2]?.['change']).toEqual({
        name: ['a', 'b'],
        limits: [{ limit: 1 }, {}],
        expires_at: [null, Date.parse('2030-01-01T00:00:00Z')],
      });
      expect([first['has_more'], second['has_more']]).toEqual([true, false]);
    });
  });
});
