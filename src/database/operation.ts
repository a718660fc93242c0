export type SqlValue = string | number | null | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** One statement; `?` stands for its values, whatever the engine. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** For one row in place of all: the texts `item` with commas between as `list`, and their `count`. */
  readonly isList?: boolean;
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

/**
 * The JSON texts that a statement gives as `item`, in its order, with commas between. Each engine joins them as it does best: with SQLite
 * the texts of 1,000 turns never become strings of their own, which took 12 ms (measured).
 */
export function* listOf(sql: string, ...values: readonly SqlValue[]): Operation<JsonList> {
  const [row] = yield { sql, values, isList: true };
  const list = row?.['list'];
  return { list: list instanceof Uint8Array ? list : String(list ?? ''), count: Number(row?.['count'] ?? 0) };
}

/** Texts with commas between. */
export interface JsonList {
  /** Bytes where they have to cross from a thread: these can be given away, and a string is copied. */
  readonly list: string | Uint8Array;
  readonly count: number;
}

/** A text, whatever it is handed over as. */
export function textOf(text: string | Uint8Array): string {
  return typeof text === 'string' ? text : toBuffer(text).toString();
}

/** The bytes themselves, not a copy. */
export function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
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

/** The methods of a store whose operations these are. */
export type StoreOf<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends (...values: infer Values) => Operation<infer Result>
    ? (...values: Values) => Promise<Result>
    : never;
};
