import { readResponse } from '../feed/conversations.ts';
import { findRecord, readCall } from '../feed/records.ts';
import type { Said } from './said.ts';

/** What the gateway is asked of an answer. */
type Answered = Pick<Said, 'origin' | 'turn'>;

/**
 * The model that an answer was asked of, which is not always the one that gave it: what its call says, which is asked for. Where
 * nothing is known of that any more, the one that gave it. @param picked where that is not known either
 */
export async function readAskedModel({ origin, turn }: Answered, picked: string | null): Promise<string> {
  const abort = new AbortController().signal;
  const ways = [
    async () => origin && (await findRecord(origin, false, abort))?.requested_model,
    // It is remembered before it is on record.
    async () => origin && (await readCall(origin.id, abort)).requested_model,
    async () => turn?.model ?? (origin && (await readResponse(origin.id, abort)).model),
  ];
  return (await firstOf(ways)) ?? picked ?? '';
}

/** The first text that one of them has; what cannot be read, or not by this key, has none. */
export async function firstOf(ways: readonly (() => Promise<string | null | undefined>)[]): Promise<string | null> {
  for (const way of ways) {
    const found = await way().catch(() => null);
    if (found) return found;
  }
  return null;
}
