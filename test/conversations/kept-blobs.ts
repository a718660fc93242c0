import { Client } from 'pg';
import { openSqliteFile } from '../support/sqlite-file.ts';

/** A row of the table of blobs. */
export interface KeptBlob {
  readonly owner: string;
  readonly bytes: number;
  readonly refs: number;
}

/** What a database has in its table of blobs. @param url as `database.url` says it */
export async function blobsIn(url: string): Promise<readonly KeptBlob[]> {
  const sql = 'SELECT owner, CAST(bytes AS INTEGER) AS bytes, CAST(refs AS INTEGER) AS refs FROM blobs ORDER BY 1, 2';
  if (!url.startsWith('postgres')) {
    const db = openSqliteFile(url, true);
    const rows = db.prepare(sql).all();
    db.close();
    return rows.map((row) => ({ ...row }) as unknown as KeptBlob);
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<KeptBlob>(sql);
  await client.end();
  return rows;
}
