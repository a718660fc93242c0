import type { Database } from './database.ts';

/** Where is told what is wrong with a database: a pino logger. */
export type OpeningLog = Readonly<Record<'warn' | 'error', (facts: object, text: string) => void>>;

/**
 * Opens a database, so that what is wrong with it is known at the start and not at the first use. Never throws: whatever
 * uses the database tries again.
 * @param shown the database as operators know it
 */
export function openEarly(database: Database<unknown>, shown: string, log: OpeningLog): void {
  const opened = (): void => {
    for (const concern of database.concerns()) log.warn({ database: shown }, concern);
  };
  database.open().then(opened, (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    log.error({ database: shown, reason }, 'the database cannot be opened; calls go on, and it is tried again');
  });
}
