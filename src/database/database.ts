import type { PostgresLimits } from './postgres.ts';

/** The one database of the gateway, shared by its rooms. */
export interface Database<Stores> {
  readonly stores: Stores;
  /** Opens and migrates, if that is not done yet; rejects when it cannot be. Every use of a store does so as well. */
  open(): Promise<void>;
  /** Whether it is there: a file that is missing is made at its first use, and a server is taken to be. */
  isThere(): boolean;
  /** What an operator should know of it although it works; none while it is not open. */
  concerns(): readonly string[];
  /** Ends what runs, within a second: rooms have written what they had to before. Once is enough. */
  close(): Promise<void>;
}

/** What a database can be told besides where it is. */
export interface DatabaseOptions {
  /** For looking only: what there is, is not changed. */
  readonly isReadOnly?: boolean;
  readonly limits?: Partial<PostgresLimits>;
}

/** Where is told what is wrong with a database: a pino logger. */
export type DatabaseLog = Readonly<Record<'warn' | 'error', (facts: object, text: string) => void>>;
