import { Client } from 'pg';
import { openSqliteFile } from './sqlite-file.ts';

/** Every time in these tables that says until when something is kept. */
const TIMES = [
  ['responses', 'expires_at'],
  ['threads', 'expires_at'],
  ['threads', 'updated_at'],
] as const;

/** As if the answers and conversations of this database were older by so much: no test waits for their end, or comes too late. */
export async function passTime(url: string, ms: number): Promise<void> {
  const statements = TIMES.map(([table, column]) => `UPDATE ${table} SET ${column} = ${column} - ${ms}`);
  if (!url.startsWith('postgres:')) {
    const db = openSqliteFile(url);
    for (const sql of statements) db.exec(sql);
    db.close();
    return;
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const sql of statements) await client.query(sql);
  await client.end();
}
