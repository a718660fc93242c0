export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** One statement; `?` stands for its values, whatever the engine. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * Work on the tables, told once for both engines: it yields statements and is given their rows. An engine runs all of
 * it in one transaction, where it changes something.
 */
export type Operation<Result> = Generator<Statement, Result, readonly SqlRow[]>;

/** One of the operations of a store, found by its name. */
export type NamedOperation = (...values: readonly unknown[]) => Operation<unknown>;

/** The rows of one statement. */
export function* rowsOf(sql: string, ...values: readonly SqlValue[]): Operation<readonly SqlRow[]> {
  return yield { sql, values };
}

/** The first row; null where there is none. */
export function* rowOf(sql: string, ...values: readonly SqlValue[]): Operation<SqlRow | null> {
  const [row] = yield { sql, values };
  return row ?? null;
}

/** Runs an operation where statements are answered at once. */
export function runAtOnce<Result>(
  operation: Operation<Result>,
  ask: (statement: Statement) => readonly SqlRow[],
): Result {
  let step = operation.next();
  while (step.done !== true) step = operation.next(ask(step.value));
  return step.value;
}

/** Runs an operation where statements are waited for. */
export async function runInTurn<Result>(
  operation: Operation<Result>,
  ask: (statement: Statement) => Promise<readonly SqlRow[]>,
): Promise<Result> {
  let step = operation.next();
  while (step.done !== true) step = operation.next(await ask(step.value));
  return step.value;
}

/** `?, ?, ?` */
export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
