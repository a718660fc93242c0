import { recordOf, stringOf } from '../../protocol/json.ts';
import type { AnswerMessage, CallPart, Carried, CarriedPart } from '../../protocol/model-message.ts';
import { callsIn, partsIn } from '../../protocol/model-message.ts';
import { plainCallId } from '../chat/words.ts';
import type { SignatureStore } from './signature-store.ts';

/** Google's documented word for a call that no Gemini made: Gemini 3 refuses calls without a signature. */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

/** Finds the signatures of one assistant message, in whichever form its client brought them back. */
export interface MessageSignatures {
  ofCall(call: CallPart, order: number): string | null;
  ofText(): string | null;
}

/** The signatures of one assistant message, from wherever a client or another gateway kept them. */
export function readSignatures(message: AnswerMessage, store: SignatureStore): MessageSignatures {
  const callIds = new Set(callsIn(message).map(({ id }) => id));
  const carried = partsIn(message).filter((part) => part.type === 'carried');
  const details = openRouterDetails(carried);
  // A signature without the id of a call belongs to the first call, or to the text when there is none.
  const loose = [...details].find(([id]) => !callIds.has(id))?.[1] ?? null;
  const ofMessage = carried.map(signatureOf).find((signature) => signature !== null) ?? null;
  return {
    ofCall(call, order) {
      const own = (call.carried && signatureOf(call.carried)) || details.get(call.id);
      return own || (order === 0 ? loose : null) || store.get(call.id);
    },
    ofText: () => ofMessage || (callIds.size === 0 ? loose : null),
  };
}

function signatureOf({ provider, kind, data }: Carried): string | null {
  return provider === 'google' && kind === 'thought-signature' ? stringOf(data) : null;
}

/** OpenRouter's `reasoning_details`, by tool call id. */
function openRouterDetails(carried: readonly CarriedPart[]): Map<string, string> {
  const signatures = new Map<string, string>();
  for (const { kind, provider, data: detail } of carried) {
    if (kind !== 'reasoning-detail' || provider !== 'google-gemini-v1') continue;
    const { data, id } = recordOf(detail);
    if (stringOf(data)) signatures.set(plainCallId(stringOf(id) ?? ''), data as string);
  }
  return signatures;
}
