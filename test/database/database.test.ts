import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DatabaseConfig, parseDatabaseUrl } from '../../src/config/database-url.ts';
import type { Database, DatabaseOptions } from '../../src/database/database.ts';
import { createDatabase } from '../../src/database/engines.ts';
import type { Room } from '../../src/database/room.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { createPostgresDatabase, NO_POSTGRES } from '../support/postgres.ts';
import { NOTES, type Notes } from '../support/rooms/notes.ts';
import { whenFree } from '../support/when-free.ts';

const ENGINES: readonly [string, boolean, () => string | Promise<string>][] = [
  ['SQLite', false, () => join(temporaryFolder(), 'deep', 'sluice.db')],
  ['Postgres', NO_POSTGRES, createPostgresDatabase],
];

/** The room after another step. */
const TAGGED: Room<Notes> = {
  ...NOTES,
  sqlite: { ...NOTES.sqlite, migrations: [...NOTES.sqlite.migrations, 'ALTER TABLE notes ADD COLUMN tag TEXT'] },
  postgres: { ...NOTES.postgres, migrations: [...NOTES.postgres.migrations, 'ALTER TABLE notes ADD COLUMN tag TEXT'] },
};

async function open(
  config: DatabaseConfig | null,
  notes: Room<Notes> = NOTES,
  options: DatabaseOptions = {},
): Promise<Database<{ readonly notes: Notes }>> {
  if (config === null) throw new Error('The test has no URL.');
  const database = await createDatabase(config, { notes }, options);
  onTestFinished(() => database.close());
  return database;
}

describe.each(ENGINES)('a database on %s', (_name, isSkipped, createUrl) => {
  const create = async (): Promise<DatabaseConfig | null> => parseDatabaseUrl(await createUrl());

  describe.skipIf(isSkipped)('with a room', () => {
    it('keeps what it is given, also over a restart', async () => {
      const config = await create();
      const first = await open(config);
      expect([await first.stores.notes.add('a'), await first.stores.notes.add('b')]).toEqual([1, 2]);
      await first.close();
      expect(await (await open(config)).stores.notes.all()).toEqual(['a', 'b']);
    });

    it('does all of a transaction or nothing', async () => {
      const { notes } = (await open(await create())).stores;
      await notes.add('a');
      await expect(notes.addAll(['b', 'a'])).rejects.toThrow(/unique/i);
      await notes.addAll(['b', 'c']);
      expect(await notes.all()).toEqual(['a', 'b', 'c']);
    });

    it('is made once, however many start at the same time', async () => {
      const config = await create();
      const several = await Promise.all([1, 2, 3, 4].map(() => open(config)));
      await Promise.all(several.map(({ stores }, index) => whenFree(() => stores.notes.add(String(index)))));
      expect((await several[0]?.stores.notes.all())?.toSorted()).toEqual(['0', '1', '2', '3']);
    });

    it('gets the steps that are new, and is good for a version that is one step behind', async () => {
      const config = await create();
      const old = await open(config);
      await old.stores.notes.add('a');
      const fresh = await open(config, TAGGED);
      await fresh.stores.notes.add('b');
      await old.close();
      expect(await (await open(config)).stores.notes.all()).toEqual(['a', 'b']);
    });

    it('is left alone where a later version made more than that', async () => {
      const config = await create();
      const later = { ...TAGGED, sqlite: more(TAGGED.sqlite), postgres: more(TAGGED.postgres) };
      await (await open(config, later)).open();
      const old = await open(config);
      await expect(old.open()).rejects.toThrow(/written by a later version of Sluice \(notes: step 3, .* knows 1\)/);
      await expect(old.stores.notes.add('x')).rejects.toThrow('written by a later version');
    });

    it('cannot be changed where it is opened for reading', async () => {
      const config = await create();
      await (await open(config)).stores.notes.add('a');
      const reading = await open(config, NOTES, { isReadOnly: true });
      expect(await reading.stores.notes.all()).toEqual(['a']);
      await expect(reading.stores.notes.add('b')).rejects.toThrow(/read-?only/);
    });
  });
});

function more<Half extends { readonly migrations: readonly string[] }>(half: Half): Half {
  return { ...half, migrations: [...half.migrations, 'CREATE TABLE more (id INTEGER)'] };
}
