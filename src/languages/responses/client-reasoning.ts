import { recordsOf, stringOf } from '../../protocol/json.ts';
import type { Carried, ReasoningPart } from '../../protocol/model-message.ts';
import type { OpenEnvelope, PlacedItem } from './client-history.ts';
import type { Envelope } from './words.ts';

/** What a client brings back of an earlier answer's thoughts. */
export interface ReadReasoning {
  readonly parts: readonly ReasoningPart[];
  readonly carried: Carried | null;
  /** The call that the carried thing belongs to, where it says so. */
  readonly callId: string | null;
}

/** A reasoning item: a summary, the chain itself where a model shows it, and what only its maker reads. */
export function readReasoningItem({ item, at }: PlacedItem, open: OpenEnvelope): ReadReasoning {
  const sealed = item['encrypted_content'];
  const envelope = typeof sealed === 'string' ? open(sealed) : null;
  const isRaw = envelope?.kind === 'raw-thoughts';
  // Clients that leave out the chain bring back its envelope.
  const chain = isRaw ? String(envelope.data) : textsIn(item['content']);
  const parts = [
    { text: textsIn(item['summary']), isSummary: true, maker: null },
    { text: chain, isSummary: false, maker: isRaw ? envelope.answeredBy : null },
  ].filter(({ text }) => text !== '');
  return {
    parts: parts.map((part) => ({ type: 'reasoning', ...part, at, entry: 0, source: item })),
    ...toCarried(sealed, envelope),
  };
}

function textsIn(entries: unknown): string {
  return recordsOf(entries)
    .map(({ text }) => stringOf(text) ?? '')
    .join('\n\n');
}

/** What an item carries in `encrypted_content`. */
export function readSealed(sealed: unknown, open: OpenEnvelope): Omit<ReadReasoning, 'parts'> {
  return toCarried(sealed, typeof sealed === 'string' ? open(sealed) : null);
}

function toCarried(sealed: unknown, envelope: Envelope | null): Omit<ReadReasoning, 'parts'> {
  if (typeof sealed !== 'string' || sealed === '') return { carried: null, callId: null };
  // The client has it from a provider, and OpenAI's are all that there are.
  if (envelope === null) return { carried: { provider: '', kind: 'encrypted-reasoning', data: sealed }, callId: null };
  const { provider, kind, data, callId } = envelope;
  return { carried: kind === 'summary' || kind === 'raw-thoughts' ? null : { provider, kind, data }, callId };
}
