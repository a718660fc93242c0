import type { Thread } from '../feed/threads.ts';
import type { Origin } from './parts.ts';
import type { Said } from './said.ts';

/**
 * What the metadata of a conversation says that was made of a question and its answer, as Compare does: no response gave
 * that answer here, and so no item names its call.
 */
export type FirstCall = Readonly<Record<'first_call' | 'first_call_at', string>>;

/** Names the call of the first answer. @param created_at when it was asked, in seconds since the epoch */
export function firstCallOf({ id, created_at: at }: Origin): FirstCall {
  return { first_call: id, first_call_at: String(at) };
}

/** What was said from the beginning on, with the call of the first answer, where the conversation alone knows it. */
export function withFirstCall(said: readonly Said[], { metadata }: Pick<Thread, 'metadata'>): readonly Said[] {
  const id = metadata?.['first_call'];
  const answer = said.find(({ role }) => role === 'assistant');
  if (!id || answer === undefined || answer.origin !== null) return said;
  const origin = { id, created_at: Number(metadata?.['first_call_at']) };
  return said.map((one) => (one === answer ? { ...one, origin } : one));
}

/** Metadata for a conversation that begins with another answer. */
export function withoutFirstCall(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { first_call: _id, first_call_at: _at, ...others } = metadata;
  return others;
}
