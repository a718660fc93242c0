import { marks, type SqlValue } from '../database/operation.ts';

/** How far a manager reaches: an organisation with its teams; null for everything. */
export type Reach = OrgReach | null;

/** An organisation with its teams: those of the tables, and those of the file. */
export interface OrgReach {
  readonly org: string;
  readonly fileTeams: readonly string[];
}

/** A condition with its values. */
export interface ReachCondition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** That a column names an organisation within reach. */
export function within(reach: Reach, column: string): ReachCondition {
  if (reach === null) return { sql: '1 = 1', values: [] };
  const { org, fileTeams } = reach;
  const ids = [org, ...fileTeams];
  const teams = 'SELECT id FROM orgs WHERE parent_id = ?';
  return { sql: `(${column} IN (${marks(ids.length)}) OR ${column} IN (${teams}))`, values: [...ids, org] };
}
