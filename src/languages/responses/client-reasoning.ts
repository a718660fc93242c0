import { recordsOf, stringOf } from '../../protocol/json.ts';
import type { Carried, ReasoningPart } from '../../protocol/model-message.ts';
import type { OpenEnvelope, PlacedItem } from './client-history.ts';

/** What a client brings back of an earlier answer's thoughts. */
export interface ReadReasoning {
  readonly parts: readonly ReasoningPart[];
  readonly carried: Carried | null;
  /** The call that the carried thing belongs to, where it says so. */
  readonly callId: string | null;
}

/** A reasoning item: a summary, the chain itself where a model shows it, and what only its maker reads. */
export function readReasoningItem({ item, at }: PlacedItem, open: OpenEnvelope): ReadReasoning {
  const [summary, chain] = [item['summary'], item['content']].map((entries) =>
    recordsOf(entries)
      .map(({ text }) => stringOf(text) ?? '')
      .join('\n\n'),
  );
  const parts = [
    { text: summary ?? '', isSummary: true },
    { text: chain ?? '', isSummary: false },
  ].filter(({ text }) => text !== '');
  return {
    parts: parts.map((part) => ({ type: 'reasoning', ...part, at, entry: 0, source: item })),
    ...readSealed(item['encrypted_content'], open),
  };
}

/** What an item carries in `encrypted_content`. */
export function readSealed(sealed: unknown, open: OpenEnvelope): Omit<ReadReasoning, 'parts'> {
  if (typeof sealed !== 'string' || sealed === '') return { carried: null, callId: null };
  const envelope = open(sealed);
  if (envelope === null) {
    // The client has it from a provider, and OpenAI's are all that there are.
    return { carried: { provider: '', kind: 'encrypted-reasoning', data: sealed }, callId: null };
  }
  const { provider, kind, data, callId } = envelope;
  const carried = kind === 'summary' ? null : { provider, kind, data };
  return { carried, callId };
}
