/** A statement with its parameters. */
export interface PostgresStatement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Under this name the server keeps it prepared: for what is asked often, always with the same text. */
  readonly name?: string;
}

/** Where statements are run: a connection, or a transaction on one. */
export interface PostgresSession {
  /** The rows: `bigint` and `numeric` as numbers. A NUL in a text parameter becomes U+FFFD, for Postgres keeps none. */
  query<Row = Readonly<Record<string, unknown>>>(statement: PostgresStatement): Promise<readonly Row[]>;
  /** How many rows were changed. */
  run(statement: PostgresStatement): Promise<number>;
}

/** A pool of connections, opened and migrated at its first use; each statement and each wait has its limit. */
export interface Postgres extends PostgresSession {
  /** All of it or nothing. The work may be told that it failed although it was done, where the connection broke at its end. */
  transaction<T>(work: (session: PostgresSession) => Promise<T>): Promise<T>;
  open(): Promise<void>;
}

/** Limits of a pool; times in milliseconds. */
export interface PostgresLimits {
  readonly connections: number;
  /** How long a new connection, or a free one, is waited for. */
  readonly connectMs: number;
  readonly statementMs: number;
  /** How long the steps of a migration may take, with the wait for another process that makes them. */
  readonly migrationMs: number;
}
