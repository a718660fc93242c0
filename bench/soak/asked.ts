import { CHAT, GEMINI, type Voice } from './voices.ts';

/** What the provider is asked, in whichever language. */
export interface ChatAsked {
  readonly model: string;
  readonly isStream: boolean;
  /** The characters of the last message, and its last word, which no other call has. */
  readonly chars: number;
  readonly nonce: string;
  /** What an answer that is taken up again has already said. */
  readonly begun: string;
  readonly voice: Voice;
}

/** What it may look like on the wire. */
export interface Wire {
  readonly model?: string;
  readonly stream?: boolean;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly contents?: readonly { readonly role?: string; readonly parts: readonly { readonly text: string }[] }[];
}

/** @param path names the model and the method in Gemini's language, and neither in OpenAI's */
export function toAsked(path: string, wire: Wire): ChatAsked {
  const [, model, method] = /\/models\/([^:]+):(\w+)/.exec(path) ?? [];
  const turns = wire.contents?.map(({ role, parts }) => ({ role: role ?? 'user', content: parts[0]?.text ?? '' }));
  const said = turns ?? wire.messages ?? [];
  const question = said.findLast(({ role }) => role === 'user')?.content ?? '';
  const last = said.at(-1);
  return {
    model: model ?? wire.model ?? '',
    isStream: wire.stream === true || method === 'streamGenerateContent',
    chars: question.length,
    nonce: question.split(' ').at(-1) ?? '',
    begun: last?.role === 'assistant' || last?.role === 'model' ? last.content : '',
    voice: model === undefined ? CHAT : GEMINI,
  };
}
