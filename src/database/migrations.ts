/** The steps of a room for one engine. */
export interface RoomSteps {
  readonly name: string;
  readonly migrations: readonly string[];
}

/** A step that is still to be made: the text of its statements, and its number, which begins with one. */
export interface MigrationStep {
  readonly room: string;
  readonly step: number;
  readonly sql: string;
}

/** A step of a room that was made before. */
export interface MadeStep {
  readonly room: string;
  readonly step: number;
}

/** Where made steps are put down, in both engines. */
export const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS sluice_migrations (
  room TEXT NOT NULL, step BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (room, step))`;

/** All steps that were made. */
export const MADE_STEPS = 'SELECT room, step FROM sluice_migrations';

/** So many steps of a later version are put up with: they add and take nothing away, so that a version can be taken back. */
const STEPS_AHEAD = 1;

/**
 * The steps that a database lacks, in their order.
 * @param database as the operator knows it
 * @throws when a later version of Sluice has changed it
 */
export function missingSteps(
  database: string,
  rooms: readonly RoomSteps[],
  made: readonly MadeStep[],
): readonly MigrationStep[] {
  return rooms.flatMap(({ name, migrations }) => {
    const last = Math.max(0, ...made.filter(({ room }) => room === name).map(({ step }) => step));
    if (last > migrations.length + STEPS_AHEAD) {
      throw new Error(
        `${database} was written by a later version of Sluice (${name}: step ${last}, this version knows ${migrations.length}). ` +
          'Update, or set another database.url.',
      );
    }
    return migrations.slice(last).map((sql, index) => ({ room: name, step: last + index + 1, sql }));
  });
}
