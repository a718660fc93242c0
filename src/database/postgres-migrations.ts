import { MADE_STEPS, type MadeStep, MIGRATIONS_TABLE, missingSteps, type RoomSteps } from './migrations.ts';
import type { PostgresSession } from './postgres.ts';

/** Any number, as long as no other program takes it for its own: that of all gateways at one database. */
const LOCK = 7_523_014_962;

/** Brings the tables of all rooms up to date, within a transaction. Of several gateways that start at once, one does it. */
export async function migratePostgres(
  session: PostgresSession,
  database: string,
  rooms: readonly RoomSteps[],
): Promise<void> {
  // A look first: where nothing is to be done, nothing is locked, and no right to make tables is needed.
  if ((await missingIn(session, database, rooms)).length === 0) return;
  await session.query({ text: `SELECT pg_advisory_xact_lock(${LOCK})` });
  await session.query({ text: MIGRATIONS_TABLE });
  for (const { room, step, sql } of await missingIn(session, database, rooms)) {
    await session.query({ text: sql });
    await session.query({
      text: 'INSERT INTO sluice_migrations (room, step, at) VALUES ($1, $2, extract(epoch FROM now())::bigint)',
      values: [room, step],
    });
  }
}

/**
 * Whether the tables can be read by this version.
 * @throws when they cannot, or when there are none
 */
export async function checkPostgres(
  session: PostgresSession,
  database: string,
  rooms: readonly RoomSteps[],
): Promise<void> {
  if ((await madeSteps(session)).length === 0)
    throw new Error('there are no tables of Sluice: a gateway makes them when it starts');
  await missingIn(session, database, rooms);
}

async function missingIn(
  session: PostgresSession,
  database: string,
  rooms: readonly RoomSteps[],
): Promise<ReturnType<typeof missingSteps>> {
  return missingSteps(database, rooms, await madeSteps(session));
}

async function madeSteps(session: PostgresSession): Promise<readonly MadeStep[]> {
  const [table] = await session.query<{ name: string | null }>({
    text: "SELECT to_regclass('sluice_migrations')::text AS name",
  });
  return table?.name == null ? [] : session.query<MadeStep>({ text: MADE_STEPS });
}
