import type { SqliteConnection } from '../../../src/database/sqlite-connection.ts';

/** Notes in the thread of SQLite. */
export class SqliteNotes {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  add(text: string): number {
    const { lastInsertRowid } = this.#connection.prepare('INSERT INTO notes (text) VALUES (?)').run(text);
    return Number(lastInsertRowid);
  }

  /** All of them or none. */
  addAll(texts: readonly string[]): void {
    this.#connection.transaction(() => {
      for (const text of texts) this.add(text);
    });
  }

  all(): readonly string[] {
    return this.#connection
      .prepare('SELECT text FROM notes ORDER BY id')
      .all()
      .map(({ text }) => String(text));
  }
}

export function createStore(connection: SqliteConnection): SqliteNotes {
  return new SqliteNotes(connection);
}
