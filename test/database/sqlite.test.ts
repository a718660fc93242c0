import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase } from '../../src/database/engines.ts';
import type { Room } from '../../src/database/room.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { NOTES, type Notes } from '../support/rooms/notes.ts';
import { openSqliteFile } from '../support/sqlite-file.ts';

async function open(
  path: string,
  notes: Room<Notes> = NOTES,
): ReturnType<typeof createDatabase<{ notes: Room<Notes> }>> {
  const database = await createDatabase({ engine: 'sqlite', path, shown: path }, { notes });
  onTestFinished(() => database.close());
  return database;
}

describe('an SQLite database', () => {
  it('is opened by the first use, and made with what its rooms bring', async () => {
    const folder = temporaryFolder();
    const { stores, close } = await open(join(folder, 'sluice.db'));
    expect(readdirSync(folder)).toEqual([]);
    await stores.notes.addAll(['a', 'b']);
    expect(await stores.notes.all()).toEqual(['a', 'b']);
    await close();
    expect(readdirSync(folder)).toEqual(['sluice.db']);
    const made = openSqliteFile(join(folder, 'sluice.db')).prepare('SELECT room, step FROM sluice_migrations').all();
    expect(made).toEqual([{ room: 'notes', step: 1 }]);
  });
});
