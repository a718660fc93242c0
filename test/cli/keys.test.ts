import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { CommandLineError } from '../../src/cli/command-line-error.ts';
import { keys } from '../../src/cli/keys.ts';
import { recordOf } from '../../src/protocol/json.ts';
import { ACCESS_ENGINES } from '../support/access.ts';
import { temporaryFolder, writeConfig } from '../support/config-files.ts';
import { chatWith, openManaged } from '../support/managed.ts';
import { whenFree } from '../support/when-free.ts';

type Run = (...argv: readonly string[]) => Promise<string>;

/** `sluice keys` over this database. */
function commandOver(url: string, rest = ''): Run {
  const config = writeConfig(`database: { url: ${JSON.stringify(url)} }\n${rest}`);
  return (...argv) => {
    const command = parseArguments(['keys', ...argv, '--config', config], {});
    if (command.name !== 'keys') throw new Error('Another command.');
    const { options } = command;
    // A gateway may write to the same file meanwhile.
    return whenFree(() => keys(options, {}));
  };
}

function parsed(text: string): { data: Record<string, unknown>; key: string } {
  const { data, key } = JSON.parse(text) as Record<string, unknown>;
  return { data: recordOf(data), key: String(key) };
}

describe.each(ACCESS_ENGINES)('sluice keys on %s', (_engine, isSkipped, createUrl) => {
  describe.skipIf(isSkipped)('the command', () => {
    it('makes the first key of a database, and prints its secret once', async () => {
      const run = commandOver(await createUrl());
      const made = await run('create', '--name', 'boss', '--kind', 'management');
      const [secret, ...others] = made.match(/sk-sl-[\w-]{43}/g) ?? [];
      expect([typeof secret, others]).toEqual(['string', []]);
      const [hash = ''] = /\b[0-9a-f]{64}\b/.exec(made) ?? [];
      for (const text of [await run('list'), await run('show', hash), await run('list', '--json')]) {
        expect(text).toContain('boss');
        expect(text).not.toContain(secret);
      }
      expect(await run('list')).toMatch(/^hash\s+name\s+kind\s+org\s+label\s+state\s+last used\s+USD spent\n/);
    });

    it('disables, enables, rotates and deletes by the beginning of a hash', async () => {
      const run = commandOver(await createUrl(), 'orgs: { acme: {} }\n');
      const flags = ['--org', 'acme', '--models', 'gpt-*,auto', '--routes', 'chat', '--limit', '2.5', '--rpm', '10'];
      const made = parsed(await run('create', '--name', 'a', ...flags, '--limit-reset', 'daily', '--json'));
      expect(made.data).toMatchObject({
        org_id: 'acme',
        models: ['gpt-*', 'auto'],
        routes: ['chat'],
        limit: 2.5,
        limit_reset: 'daily',
        rpm_limit: 10,
      });
      const start = String(made.data['hash']).slice(0, 8);
      expect(parsed(await run('disable', start, '--json')).data['disabled']).toBe(true);
      expect(await run('list')).toContain('disabled');
      expect(parsed(await run('enable', start, '--json')).data['disabled']).toBe(false);
      const rotated = parsed(await run('rotate', start, '--grace', '1h', '--json'));
      expect(rotated.key).toMatch(/^sk-sl-/);
      expect(rotated.key).not.toBe(made.key);
      expect(await run('delete', start)).toBe(`deleted ${made.data['hash']}\n`);
      await expect(run('show', start)).rejects.toThrow(`keys show: There is no key '${start}'`);
    });

    it('tells what keys have spent, and begins a window anew, of which a running gateway comes to know', async () => {
      const url = await createUrl();
      const run = commandOver(url);
      const prices = 'models: { m: { provider: demo, upstream: demo, prices: [{ input: 0, output: 1000 }] } }';
      const { make, gateway } = await openManaged(url, prices);
      const { ask, hash } = await make({ name: 'spender', limit: 0.05, limit_reset: 'daily', budgets: { month: 9 } });
      await expect.poll(async () => (await chatWith(ask, 'm')).code).toBe('budget_exceeded');
      const { data: told } = await ask('GET', '/v1/key');
      const usage = Number(told['usage']);
      expect(usage).toBeGreaterThan(0);
      const shown = async () => parsed(await run('show', hash, '--json')).data;
      await expect.poll(async () => (await shown())['usage']).toBe(usage);
      expect(await shown()).toMatchObject({ usage_daily: usage, limit_remaining: told['limit_remaining'], held: null });
      const of = `${usage.toFixed(9).replace(/0{1,7}$/, '')} of`;
      expect(await run('list')).toContain(`${of} 0.05 a day, ${of} 9.00 a month`);
      expect(await run('show', hash)).toMatch(/^usage_daily +0\.\d{2,}\n/m);

      expect(parsed(await run('reset', hash.slice(0, 9), '--json')).data).toMatchObject({
        ...{ usage, usage_daily: 0, usage_monthly: usage, limit_remaining: 0.05 },
      });
      await expect.poll(async () => (await chatWith(ask, 'm')).status).toBe(200);
      expect(Number((await ask('GET', '/v1/key')).data['usage_monthly'])).toBeGreaterThan(usage);
      await gateway.close();
    });

    it('asks which window begins anew where no limit says so', async () => {
      const run = commandOver(await createUrl());
      const { data } = parsed(await run('create', '--name', 'a', '--json'));
      const hash = String(data['hash']);
      await expect(run('reset', hash)).rejects.toThrow('expected --window day, week, month or total');
      await expect(run('reset', hash, '--window', 'year')).rejects.toThrow(/^keys reset: .*window/);
      expect(await run('reset', hash, '--window', 'total')).toContain('usage            0.00');
    });

    it('takes lists as people type them, and none with a gap', async () => {
      const run = commandOver(await createUrl());
      const lists = ['--models', 'demo, gpt-* ', '--routes', ' chat ,embeddings'];
      const { data } = parsed(await run('create', '--name', 'a', ...lists, '--json'));
      expect(data).toMatchObject({ models: ['demo', 'gpt-*'], routes: ['chat', 'embeddings'] });
      const create = (...flags: string[]): Promise<string> => run('create', '--name', 'a', ...flags);
      await expect(create('--models', 'demo,,x')).rejects.toThrow(
        "--models: expected names with a comma between them, as in 'gpt-*,auto', found 'demo,,x'",
      );
      await expect(create('--routes', ' ')).rejects.toThrow('--routes: expected names');
    });

    it('lists keys as refused whose organisation, or its parent, is switched off or gone', async () => {
      const url = await createUrl();
      const { boss, make } = await openManaged(
        url,
        'orgs: { late: {}, closed: { disabled: true }, team: { parent: closed } }',
      );
      for (const org of [{ id: 'off' }, { id: 'sub', parent_id: 'off' }, { id: 'on' }])
        await boss('POST', '/v1/orgs', org);
      for (const org of ['off', 'sub', 'on', 'late', 'team']) await make({ name: `of-${org}`, org_id: org });
      await make({ name: 'expired', org_id: 'off', expires_at: '2020-01-01T00:00:00Z' });
      await boss('PATCH', '/v1/orgs/off', { disabled: true });
      const text = await commandOver(url, 'orgs: { closed: { disabled: true }, team: { parent: closed } }\n')('list');
      const stateOf = (name: string): string | undefined =>
        new RegExp(` ${name} .* (org disabled|org gone|expired|ok) `).exec(text)?.[1];
      const names = ['of-off', 'of-sub', 'of-on', 'of-late', 'of-team', 'expired'];
      expect(names.map(stateOf)).toEqual(['org disabled', 'org disabled', 'ok', 'org gone', 'org disabled', 'expired']);
    });

    it('says what is wrong', async () => {
      const run = commandOver(await createUrl());
      await expect(run('create', '--name', 'a', '--org', 'nobody')).rejects.toThrow(
        "there is no organisation 'nobody'",
      );
      await expect(run('create', '--name', 'a', '--limit', 'much')).rejects.toThrow("Invalid type for 'limit'");
      await expect(run('create', '--name', 'a', '--expires', 'soon')).rejects.toThrow('expected a time such as');
      const late = run('create', '--name', 'a', '--expires', '9999-12-31T23:59:59-23:59');
      await expect(late).rejects.toThrow('expected a time from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z');
      await expect(run('create', '--name', 'a', '--kind', 'x')).rejects.toThrow(CommandLineError);
    });
  });
});

describe('the arguments of sluice keys', () => {
  it.each([
    [[], "keys: expected create, list, show, disable, enable, rotate, reset, delete, found ''"],
    [['crate'], "found 'crate'; did you mean 'create'?"],
    [['create'], 'keys create: expected --name'],
    [['show'], 'keys show: expected the hash of a key'],
    [['show', 'abc'], 'at least its first six digits'],
    [['list', 'abcdef'], "keys list: expected nothing more, found 'abcdef'"],
    [['show', 'abcdef', '--name', 'x'], '--name: keys show does not take it'],
    [['rotate', 'abcdef', '--org', 'x'], '--org: keys rotate does not take it'],
    [['rotate', 'abcdef', '--window', 'day'], '--window: keys rotate does not take it'],
  ])('%j', (argv, message) => {
    expect(() => parseArguments(['keys', ...argv], {})).toThrow(message);
  });

  it('are of no other command', () => {
    expect(() => parseArguments(['usage', '--grace', '1h'], {})).toThrow('--grace: only the command keys takes it');
  });
});

it('makes the file of a database that is not there', async () => {
  const path = join(temporaryFolder(), 'data', 'sluice.db');
  await commandOver(path)('create', '--name', 'first');
  expect(existsSync(path)).toBe(true);
});
