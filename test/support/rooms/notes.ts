import type { Remote, Room } from '../../../src/database/room.ts';
import type { SqliteNotes } from './notes-sqlite.ts';

/** What a room of the gateway would bring, as small as it gets. */
export interface Notes {
  add(text: string): Promise<number>;
  addAll(texts: readonly string[]): Promise<void>;
  all(): Promise<readonly string[]>;
}

/** A room with one table, of one step. */
export const NOTES = {
  name: 'notes',
  sqlite: {
    module: new URL('./notes-sqlite', import.meta.url).href,
    migrations: ['CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT'],
    slowReads: ['all'],
    createStore: (remote: Remote<SqliteNotes>) => remote,
  },
  postgres: {
    migrations: ['CREATE TABLE notes (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text TEXT NOT NULL UNIQUE)'],
    createStore: (postgres) => ({
      async add(text) {
        const insert = { text: 'INSERT INTO notes (text) VALUES ($1) RETURNING id', values: [text], name: 'add-note' };
        const [row] = await postgres.query<{ id: number }>(insert);
        return row?.id ?? 0;
      },
      addAll: (texts) =>
        postgres.transaction(async (session) => {
          for (const text of texts) await session.run({ text: 'INSERT INTO notes (text) VALUES ($1)', values: [text] });
        }),
      async all() {
        const rows = await postgres.query<{ text: string }>({ text: 'SELECT text FROM notes ORDER BY id' });
        return rows.map(({ text }) => text);
      },
    }),
  },
} satisfies Room<Notes>;
