import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseError, Pool, type PoolClient, type QueryResult, types } from 'pg';
import type { DatabaseConfig } from '../config/database-url.ts';
import { maskSecrets, spellingsOf } from '../protocol/secrets.ts';
import type { Database, DatabaseOptions } from './database.ts';
import type { RoomSteps } from './migrations.ts';
import type { Postgres, PostgresLimits, PostgresSession, PostgresStatement } from './postgres.ts';
import { checkPostgres, migratePostgres } from './postgres-migrations.ts';
import type { Room, StoresOf } from './room.ts';

type PostgresAddress = Extract<DatabaseConfig, { engine: 'postgres' }>;

const LIMITS: PostgresLimits = { connections: 8, connectMs: 2000, statementMs: 5000, migrationMs: 60_000 };
/** The server ends a statement at its limit; one that does not answer is given up so much later. */
const GRACE_MS = 1000;
/** A server that hangs does not keep the gateway from stopping. */
const LONGEST_CLOSE_MS = 1000;
/** A table or a schema that was there is gone: it is made anew. */
const GONE = new Set(['42P01', '3F000']);

/** A pool for the rooms; it connects at its first use. */
export function openPostgres<Rooms extends Readonly<Record<string, Room<unknown>>>>(
  address: PostgresAddress,
  rooms: Rooms,
  { isReadOnly = false, limits = {} }: DatabaseOptions,
): Database<StoresOf<Rooms>> {
  const steps = Object.values(rooms).map(({ name, postgres: { migrations } }) => ({ name, migrations }));
  const pool = new PostgresPool(address, steps, isReadOnly, { ...LIMITS, ...limits });
  const stores = Object.entries(rooms).map(([name, { postgres }]) => [name, postgres.createStore(pool)]);
  return {
    stores: Object.fromEntries(stores) as StoresOf<Rooms>,
    open: () => pool.open(),
    isThere: () => true,
    concerns: () => [],
    close: () => pool.close(),
  };
}

class PostgresPool implements Postgres {
  readonly #pool: Pool;
  readonly #address: PostgresAddress;
  readonly #secrets: readonly string[];
  readonly #rooms: readonly RoomSteps[];
  readonly #isReadOnly: boolean;
  readonly #limits: PostgresLimits;
  #opened: Promise<void> | null = null;
  #closed: Promise<void> | null = null;

  constructor(address: PostgresAddress, rooms: readonly RoomSteps[], isReadOnly: boolean, limits: PostgresLimits) {
    this.#address = address;
    this.#secrets = address.password === null ? [] : spellingsOf(address.password);
    this.#rooms = rooms;
    this.#isReadOnly = isReadOnly;
    this.#limits = limits;
    this.#pool = new Pool({
      connectionString: address.url,
      max: limits.connections,
      connectionTimeoutMillis: limits.connectMs,
      query_timeout: limits.statementMs + GRACE_MS,
      application_name: 'sluice',
      allowExitOnIdle: true,
      keepAlive: true,
      types: { getTypeParser: parserOf },
    });
    // An idle connection that breaks leaves the pool, and the next use makes another.
    this.#pool.on('error', () => undefined);
  }

  /** Once; after a failure again at the next use. */
  open(): Promise<void> {
    this.#opened ??= this.#migrate().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  query<Row>(statement: PostgresStatement): Promise<readonly Row[]> {
    return this.#alone((session) => session.query<Row>(statement));
  }

  run(statement: PostgresStatement): Promise<number> {
    return this.#alone((session) => session.run(statement));
  }

  async transaction<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    await this.open();
    return this.#transaction(work, this.#limits.statementMs);
  }

  close(): Promise<void> {
    this.#closed ??= Promise.race([this.#pool.end(), wait(LONGEST_CLOSE_MS, undefined, { ref: false })]);
    return this.#closed;
  }

  async #alone<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    // Only a transaction can be read-only without a setting that stays with the connection.
    if (this.#isReadOnly) return this.transaction(work);
    await this.open();
    return this.#use(work);
  }

  #migrate(): Promise<void> {
    const { shown } = this.#address;
    if (this.#isReadOnly) return this.#use((session) => checkPostgres(session, shown, this.#rooms));
    const { migrationMs } = this.#limits;
    return this.#transaction((session) => migratePostgres(session, shown, this.#rooms), migrationMs);
  }

  #transaction<T>(work: (session: PostgresSession) => Promise<T>, statementMs: number): Promise<T> {
    return this.#use(async (session) => {
      // In one go. Set for the transaction alone, so that a pooler between may give the connection to others.
      await session.query({
        text: `BEGIN ${this.#isReadOnly ? 'READ ONLY' : 'READ WRITE'}; SET LOCAL statement_timeout = ${statementMs}; SET LOCAL idle_in_transaction_session_timeout = ${statementMs}`,
      });
      try {
        const result = await work(session);
        await session.commit();
        return result;
      } catch (error) {
        if (!session.isBroken) await session.query({ text: 'ROLLBACK' });
        throw error;
      }
    }, statementMs + GRACE_MS);
  }

  async #use<T>(
    work: (session: Connection) => Promise<T>,
    timeoutMs = this.#limits.statementMs + GRACE_MS,
  ): Promise<T> {
    let session: Connection | null = null;
    try {
      session = new Connection(await this.#pool.connect(), timeoutMs);
      return await work(session);
    } catch (error) {
      if (error instanceof DatabaseError && GONE.has(error.code ?? '')) this.#opened = null;
      throw this.#masked(error);
    } finally {
      session?.release();
    }
  }

  #masked(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    // Of several addresses that were tried, each has its own error, and the whole has no message.
    const [first] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [];
    const { message } = error.message === '' && first instanceof Error ? first : error;
    error.message = maskSecrets(message, this.#secrets);
    return error;
  }
}

/** A connection in use. */
class Connection implements PostgresSession {
  readonly #client: PoolClient;
  readonly #timeoutMs: number;
  /** The connection, or the server, gave no answer: what it would say now belongs to an earlier statement. */
  isBroken = false;

  constructor(client: PoolClient, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    client.on('error', this.#broken);
  }

  async query<Row>(statement: PostgresStatement): Promise<readonly Row[]> {
    return (await this.#ask(statement)).rows as Row[];
  }

  async run(statement: PostgresStatement): Promise<number> {
    return (await this.#ask(statement)).rowCount ?? 0;
  }

  async commit(): Promise<void> {
    // Where a statement has failed, Postgres rolls back, and calls that no error.
    if ((await this.#ask({ text: 'COMMIT' })).command === 'ROLLBACK')
      throw new Error('The transaction was rolled back.');
  }

  release(): void {
    this.#client.off('error', this.#broken);
    this.#client.release(this.isBroken);
  }

  async #ask({ text, values = [], name }: PostgresStatement): Promise<QueryResult> {
    const question = { text, values: values.map(withoutNul), query_timeout: this.#timeoutMs };
    try {
      return await this.#client.query(name === undefined ? question : { ...question, name });
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.severity !== 'ERROR') this.#broken();
      throw error;
    }
  }

  readonly #broken = (): void => {
    this.isBroken = true;
  };
}

/** Counts and money come as numbers: none is beyond 2^53. */
const NUMBERS: ReadonlySet<number> = new Set([types.builtins.INT8, types.builtins.NUMERIC]);

const parserOf: typeof types.getTypeParser = (type: number, format?: 'text' | 'binary') =>
  NUMBERS.has(type) ? Number : types.getTypeParser(type, format);

function withoutNul(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
  return Array.isArray(value) ? value.map(withoutNul) : value;
}
