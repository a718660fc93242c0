import type { TestProject } from 'vitest/node';
import { type PostgresServer, startPostgres } from '../../lab/postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server of this run; null where there are no binaries. */
    postgresUrl: string | null;
  }
}

let server: PostgresServer | null = null;

/** One server for the whole run, started before the first test. */
export async function setup(project: TestProject): Promise<void> {
  const isRequired = process.env['REQUIRE_ENGINES'] === '1';
  try {
    server = await startPostgres();
  } catch (error) {
    if (isRequired) throw new Error('REQUIRE_ENGINES=1, and no Postgres can be started', { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Tests that need Postgres are skipped, for none can be started: ${reason}\n`);
  }
  project.provide('postgresUrl', server?.url ?? null);
}

export async function teardown(): Promise<void> {
  await server?.remove();
}
