import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/config-files.ts';
import { openSqliteFile } from '../support/sqlite-file.ts';
import { ALL, buildRecord } from '../support/usage-records.ts';
import { openUsage } from '../support/usage-stores.ts';

const SRC = join(import.meta.dirname, '../../src');

/** Writes records as fast as it can, and says after each batch how many are safe. */
const PROGRAM = `
import { createDatabase } from '${SRC}/database/engines.ts';
import { USAGE_ROOM } from '${SRC}/usage/usage-room.ts';
import { createUsageWriter } from '${SRC}/usage/writer.ts';
const [config, template] = process.argv.slice(1);
const { stores } = await createDatabase(JSON.parse(config), { usage: USAGE_ROOM });
let written = 0;
const writer = createUsageWriter({
  async append(entries, batch) {
    const spend = [{ scope: 'key:a', win: 'total', nano: 10_000_000 * entries.length, calls: entries.length, tokens: 0 }];
    await stores.usage.append(entries.map(({ record }) => record), batch, spend);
    written += entries.length;
    process.stdout.write(written + '\\n');
  },
  now: Date.now,
  newId: () => crypto.randomUUID(),
  failed: ({ reason }) => process.stderr.write(reason),
  recovered() {},
});
let id = 0;
setInterval(() => {
  for (let count = 0; count < 100; count++) writer.add({ record: { ...JSON.parse(template), id: String(++id) }, booking: null });
}, 1);
`;

it('kill -9 in the middle of writing (crash) leaves a valid SQLite file with every batch that was written', async () => {
  const path = join(temporaryFolder(), 'usage.db');
  const config = { engine: 'sqlite', path, shown: path };
  const args = ['--input-type=module', '--eval', PROGRAM, JSON.stringify(config), JSON.stringify(buildRecord())];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
    if (output.split('\n').length > 20) child.kill('SIGKILL');
  });
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  const safe = Number(output.split('\n').at(-2));

  const store = await openUsage(path);
  await store.append([buildRecord({ id: 'after' })]);
  const [sums] = await store.sums(ALL, [], 1);
  const kept = (sums?.calls ?? 0) - 1;
  expect(kept).toBeGreaterThanOrEqual(safe);
  const db = openSqliteFile(path, true);
  onTestFinished(() => db.close());
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  // Each costs a cent.
  expect((await store.spent(['key:a'], ['total'], null)).rows).toMatchObject([
    { nano: kept * 10_000_000, calls: kept },
  ]);
  // No gaps: what is there is what came first.
  const [last] = db.prepare("SELECT max(CAST(id AS INTEGER)) AS id FROM calls WHERE id != 'after'").all();
  expect(last).toEqual({ id: kept });
});
