import type { z } from 'zod';
import { GatewayError } from '../protocol/errors.ts';
import { isRecord, type JsonRecord } from '../protocol/json.ts';
import type { Steps } from '../protocol/turns.ts';
import { issueOf, toRequestError, typeName } from './request-issue.ts';

/** Entries that are validated in one step: about a millisecond. */
const ENTRIES_PER_STEP = 500;

/** What the checks of one body have in common. */
export interface EntryWalk {
  readonly body: unknown;
  /** Looked at so far. */
  entries: number;
}

/** @throws GatewayError 400 for a body that is no object */
export function refuseNoRecord(body: unknown): asserts body is JsonRecord {
  if (isRecord(body)) return;
  const message = `Invalid request body: expected a JSON object, but got ${typeName(body)} instead.`;
  throw new GatewayError('invalid_type', message);
}

/** @throws GatewayError 400 for a list that is far longer than real requests have */
export function refuseMoreThan(most: number, param: string, list: unknown): void {
  if (!Array.isArray(list) || list.length <= most) return;
  const message = `Invalid '${param}': it has ${list.length} entries. Expected at most ${most}.`;
  throw new GatewayError('invalid_value', message, { param, bodyCode: 'array_above_max_length' });
}

/** @throws GatewayError 400 for the first thing that is wrong with a value of the body */
export function check(schema: z.ZodType, value: unknown, { body }: EntryWalk, ...path: readonly PropertyKey[]): void {
  const issue = issueOf(schema, value);
  if (issue) throw toRequestError({ ...issue, path: [...path, ...issue.path] }, body);
}

/** Checks entry by entry, up to the first wrong one: zod alone would name all 250,000. */
export function* checkList(
  schema: z.ZodType,
  list: readonly unknown[],
  walk: EntryWalk,
  ...path: readonly PropertyKey[]
): Steps<void> {
  for (let at = 0; at < list.length; at++) {
    const issue = issueOf(schema, list[at]);
    if (issue) throw toRequestError({ ...issue, path: [...path, at, ...issue.path] }, walk.body);
    if (endsStep(walk)) yield;
  }
}

/** Counts one entry; true where the event loop may turn. */
export function endsStep(walk: EntryWalk): boolean {
  return ++walk.entries % ENTRIES_PER_STEP === 0;
}
