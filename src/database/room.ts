import type { Postgres } from './postgres.ts';

/** Methods of a store in the thread of SQLite, as the main thread calls them. */
export type Remote<Store> = {
  readonly [Name in keyof Store]: Store[Name] extends (...values: infer Values) => infer Value
    ? (...values: Values) => Promise<Value>
    : never;
};

/** What a room of the gateway keeps in the database: one `Store` by contract, made for the engine that is configured. */
export interface Room<Store> {
  /** Names its steps in the table of migrations: never change it. */
  readonly name: string;
  readonly sqlite: SqliteRoom<Store, object>;
  readonly postgres: PostgresRoom<Store>;
}

/** The half for SQLite. `Sync` is the class that works in the thread, each of its methods in one go. */
export interface SqliteRoom<Store, Sync extends object> {
  /** Address of the module that exports `createStore`, a {@link CreateSyncStore}, without its extension. */
  readonly module: string;
  /** What brings the tables from step n, the index, to n + 1. Never change one: add another. */
  readonly migrations: readonly string[];
  /** Names of methods that only read and may take long: they have a thread for themselves, and hold up nothing else. */
  readonly slowReads: readonly string[];
  /** The contract over the methods in the thread. Values are cloned on their way, so they are data and no functions. */
  createStore(remote: Remote<Sync>): Store;
}

/** The half for Postgres. */
export interface PostgresRoom<Store> {
  readonly migrations: readonly string[];
  createStore(postgres: Postgres): Store;
}

/** The stores of these rooms, by the names they are given. */
export type StoresOf<Rooms extends Readonly<Record<string, Room<unknown>>>> = {
  readonly [Name in keyof Rooms]: Rooms[Name] extends Room<infer Store> ? Store : never;
};
