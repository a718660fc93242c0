import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLineError } from '../../src/cli/command-line-error.ts';
import { type UsageOptions, usage } from '../../src/cli/usage.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { temporaryFolder, writeConfig } from '../support/config-files.ts';
import { createPostgresDatabase, NO_POSTGRES } from '../support/postgres.ts';
import { buildRecord, buildRecords, DAY, NOON } from '../support/usage-records.ts';
import { openUsage } from '../support/usage-stores.ts';

/** A configuration whose usage log has four calls of two days. */
async function prepare(): Promise<string> {
  const folder = temporaryFolder();
  const path = join(folder, 'usage.db');
  const store = await openUsage(path);
  const unknown = { cost_usd: null, cost_source: null };
  await store.append([
    ...buildRecords(2),
    buildRecord({ model: 'flash', outcome: 'failed', created: NOON + DAY, wasted_tokens: 30, wasted_cost_usd: 0.001 }),
    buildRecord({ model: 'mystery', provider: null, created: NOON + DAY, ...unknown }),
  ]);
  await store.close();
  return writeConfig(`usage: { path: "${path}" }\n`, undefined, folder);
}

function print(configPath: string, parts: Partial<UsageOptions> = {}): Promise<string> {
  return usage({ configPath, from: undefined, to: undefined, groupBy: undefined, isJson: false, ...parts }, {});
}

describe('sluice usage', () => {
  it('prints a table by day and model, with the total', async () => {
    expect((await print(await prepare())).split('\n')).toEqual([
      'day         model    calls  failed  cancelled  prompt  cached  completion  reasoning  wasted       USD',
      '2026-11-24  luna         2       0          0     200      80          40         10       0  0.020000',
      '2026-11-25  flash        1       1          0     100      40          20          5      30  0.011000',
      '2026-11-25  mystery      1       0          0     100      40          20          5       0         -',
      'total                    4       1          0     400     160          80         20      30  0.031000',
      '',
      'The cost of 1 of these calls is not known: the registry has no price.',
      '',
    ]);
  });

  it('prints no terminal control characters (escape sequences)', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'usage.db');
    const store = await openUsage(path);
    await store.append([buildRecord({ model: '\u001b[2Ja\r\nb\u009b31m\u202ec\u2066\u2028' })]);
    await store.close();
    const text = await print(writeConfig(`usage: { path: "${path}" }\n`, undefined, folder));
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/u);
    expect(text.split('\n')[1]).toMatch(/^2026-11-24 {2}�\[2Ja��b�31m�c�� +1 /);
  });

  it('takes a period and other groups', async () => {
    const text = await print(await prepare(), { from: '2026-11-25', to: '2026-11-25', groupBy: 'provider' });
    expect(text.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual(
      expect.arrayContaining([
        ['-', '1'],
        ['openai', '1'],
        ['total', '2'],
      ]),
    );
  });

  it('prints with --json what GET /v1/usage answers, without floating point noise', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'usage.db');
    const store = await openUsage(path);
    await store.append([buildRecord({ cost_usd: 0.1 }), buildRecord({ cost_usd: 0.2, wasted_cost_usd: 1e-12 })]);
    await store.close();
    const text = await print(writeConfig(`usage: { path: "${path}" }\n`, undefined, folder), {
      groupBy: 'key',
      isJson: true,
    });
    const sums = { calls: 2, cost_usd: 0.3, wasted_cost_usd: 0 };
    const printed: unknown = JSON.parse(text);
    expect(printed).toMatchObject({ object: 'usage', group_by: ['key'], total: sums, data: [sums], has_more: false });
  });

  it('needs no other setting of the configuration than usage.path', async () => {
    const path = await prepare();
    const usage = readFileSync(path, 'utf8');
    const rest = `registry: gone.yaml\nauth: { keys: [{ name: a, key: "\${TEAM_A_KEY}" }] }\nserver: { prot: 1 }\n`;
    writeFileSync(path, rest + usage);
    expect(await print(path)).toContain('total');
    writeFileSync(path, `${rest}usage: { path: "\${DATA}/usage.db" }\n`);
    await expect(print(path)).rejects.toThrow(/:4:16: usage\.path: the environment variable DATA is not set/);
    writeFileSync(path, `${rest}usage: { paht: a }\n`);
    await expect(print(path)).rejects.toThrow(/:4:10: usage\.paht: unknown setting; did you mean 'path'\?$/);
    writeFileSync(path, 'usage: {\n');
    await expect(print(path)).rejects.toThrow(ConfigError);
  });

  it.each([
    [{ from: 'yesterday' }, /^--from: expected a day/],
    [{ groupBy: 'modle' }, /^--group-by: expected hour, day, month, .*did you mean 'model'\?$/],
  ])('refuses %j', async (parts, message) => {
    await expect(print(await prepare(), parts)).rejects.toThrow(CommandLineError);
    await expect(print(await prepare(), parts)).rejects.toThrow(message);
  });

  it('prints a message when there is no usage', async () => {
    const missing = writeConfig('usage: { path: "/nowhere/usage.db" }\n');
    await expect(print(missing)).rejects.toThrow(
      'there is no usage yet: /nowhere/usage.db does not exist (database.url, or usage.path)',
    );
    const noDatabase = writeConfig('database: { url: "postgres://ann:s3cret@127.0.0.1:1/sluice" }\n');
    await expect(print(noDatabase)).rejects.toThrow(
      'the usage in postgres://ann:***@127.0.0.1:1/sluice cannot be read: connect ECONNREFUSED 127.0.0.1:1',
    );
    const off = writeConfig('usage: { store: none }\n');
    await expect(print(off)).rejects.toThrow('the usage log is off');
  });

  it.skipIf(NO_POSTGRES)('prints a message when a Postgres has no tables of Sluice', async () => {
    const config = writeConfig(`database: { url: "${await createPostgresDatabase()}" }\n`);
    await expect(print(config)).rejects.toThrow(
      /^the usage in postgres:.* cannot be read: there are no tables of Sluice: a gateway makes them when it starts$/,
    );
  });
});
