import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { CommandLineError } from '../../src/cli/command-line-error.ts';
import { keys } from '../../src/cli/keys.ts';
import { recordOf } from '../../src/protocol/json.ts';
import { ACCESS_ENGINES } from '../support/access.ts';
import { temporaryFolder, writeConfig } from '../support/config-files.ts';

type Run = (...argv: readonly string[]) => Promise<string>;

/** `sluice keys` over this database. */
function commandOver(url: string, rest = ''): Run {
  const config = writeConfig(`database: { url: ${JSON.stringify(url)} }\n${rest}`);
  return (...argv) => {
    const command = parseArguments(['keys', ...argv, '--config', config], {});
    if (command.name !== 'keys') throw new Error('Another command.');
    return keys(command.options, {});
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
      expect(await run('list')).toMatch(/^hash\s+name\s+kind\s+org\s+label\s+state\s+last used\n/);
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

    it('says what is wrong', async () => {
      const run = commandOver(await createUrl());
      await expect(run('create', '--name', 'a', '--org', 'nobody')).rejects.toThrow(
        "there is no organisation 'nobody'",
      );
      await expect(run('create', '--name', 'a', '--limit', 'much')).rejects.toThrow("Invalid type for 'limit'");
      await expect(run('create', '--name', 'a', '--expires', 'soon')).rejects.toThrow('expected a time such as');
      await expect(run('create', '--name', 'a', '--kind', 'x')).rejects.toThrow(CommandLineError);
    });
  });
});

describe('the arguments of sluice keys', () => {
  it.each([
    [[], "keys: expected create, list, show, disable, enable, rotate, delete, found ''"],
    [['crate'], "found 'crate'; did you mean 'create'?"],
    [['create'], 'keys create: expected --name'],
    [['show'], 'keys show: expected the hash of a key'],
    [['show', 'abc'], 'at least its first six digits'],
    [['list', 'abcdef'], "keys list: expected nothing more, found 'abcdef'"],
    [['show', 'abcdef', '--name', 'x'], '--name: keys show does not take it'],
    [['rotate', 'abcdef', '--org', 'x'], '--org: keys rotate does not take it'],
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
