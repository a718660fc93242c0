import { marks, type Operation, rowsOf, type SqlValue } from '../database/operation.ts';

/** How far a manager reaches: an organisation with its teams; null for everything. */
export type Reach = OrgReach | null;

/** An organisation with its teams: those of the tables, and those of the file. */
export interface OrgReach {
  readonly org: string;
  readonly fileTeams: readonly string[];
  /** All others of the file, which may have the id of a team that is gone. */
  readonly fileOthers: readonly string[];
}

/** Which rows a statement reads, with the values of its marks. */
export interface RowCondition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** That a column names an organisation within reach. */
export function within(reach: Reach, column: string): RowCondition {
  if (reach === null) return { sql: '1 = 1', values: [] };
  const { org, fileTeams } = reach;
  const ids = [org, ...fileTeams];
  return { sql: `(${column} IN (${marks(ids.length)}) OR ${column} IN (${TEAMS}))`, values: [...ids, org] };
}

/** That a column names an organisation within reach, or a team that was: what is on record of it outlives it. */
export function everWithin(reach: Reach, column: string): RowCondition {
  const { sql, values } = within(reach, column);
  if (reach === null) return { sql, values };
  const former = formerTeams(reach);
  return { sql: `(${sql} OR ${column} IN (${former.sql}))`, values: [...values, ...former.values] };
}

/** The organisation with its teams, those that were deleted as well. */
export function* everReached(reach: OrgReach): Operation<readonly string[]> {
  const { org, fileTeams } = reach;
  const former = formerTeams(reach);
  const rows = yield* rowsOf(`${TEAMS} UNION ${former.sql} ORDER BY id`, org, ...former.values);
  return [...new Set([org, ...fileTeams, ...rows.map(({ id }) => String(id))])];
}

const TEAMS = 'SELECT id FROM orgs WHERE parent_id = ?';

/** No other organisation of the tables ever gets the id of one that was deleted; the file may give it to one. */
function formerTeams({ org, fileOthers }: OrgReach): RowCondition {
  const others = fileOthers.length === 0 ? '' : ` AND subject NOT IN (${marks(fileOthers.length)})`;
  const sql = `SELECT subject AS id FROM audit WHERE org_id = ? AND action = 'org.deleted'${others}`;
  return { sql, values: [org, ...fileOthers] };
}
