import { Client } from 'pg';
import { inject } from 'vitest';

/** Whether this run has no Postgres: for `describe.skipIf`. */
export const NO_POSTGRES = inject('postgresUrl') === null;

/** The URL of a new, empty database in the server of this run. */
export async function createPostgresDatabase(): Promise<string> {
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  const url = new URL(inject('postgresUrl') ?? '');
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  url.pathname = name;
  return url.href;
}
