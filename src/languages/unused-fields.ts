import type { ChatRequest, Message } from '../protocol/chat.ts';
import { isRecord } from '../protocol/json.ts';

/** Fields of the gateway itself, and those that every dialect says. */
const OWN_FIELDS = ['model', 'messages', 'fallbacks'];

/** Values that ask for nothing beside the empty ones: leaving them out loses nothing. */
const DEFAULTS: ReadonlyMap<string, unknown> = new Map(
  Object.entries({
    frequency_penalty: 0,
    n: 1,
    presence_penalty: 0,
    search_mode: 'web',
    top_logprobs: 0,
  }),
);

/** @param used the fields that a dialect translates */
export function createUnusedFields(used: readonly string[]): UnusedFields {
  const known = new Set([...OWN_FIELDS, ...used]);
  return (chat) =>
    Object.keys(chat).filter((key) => !known.has(key) && DEFAULTS.get(key) !== chat[key] && !isNothing(chat[key]));
}

/** The fields of the client that were not used and that asked for something. */
type UnusedFields = (chat: ChatRequest) => string[];

/** The same for fields of messages, of those that only OpenAI's chat has words for. */
export function unusedMessageFields(messages: readonly Message[]): string[] {
  const lost = ['name', 'audio'].filter((field) => messages.some((message) => !isNothing(message[field])));
  return lost.map((field) => `messages[].${field}`);
}

function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === '';
}
