import type { ChatRequest, Message } from '../protocol/chat.ts';
import { isRecord } from '../protocol/json.ts';
import type { ModelParameter, ModelRequest } from '../protocol/model-request.ts';

/** What a dialect says of a request; the names of extras are the client's. */
interface SaidParameters {
  readonly parameters: readonly ModelParameter[];
  readonly extras?: readonly string[];
}

/** Of the gateway itself, or said by every dialect. */
const ALWAYS: readonly ModelParameter[] = ['model', 'messages', 'fallbacks'];

/** Names, in the client's words and order, what asks for something and is not said. */
export function createUnsaidParameters({ parameters, extras = [] }: SaidParameters): UnsaidParameters {
  const said = new Set<ModelParameter>([...ALWAYS, ...parameters]);
  const saidExtras = new Set(extras);
  return ({ origin }) =>
    origin
      .asked()
      .filter(({ name, parameter }) => !(parameter === null ? saidExtras.has(name) : said.has(parameter)))
      .map(({ name }) => name);
}

type UnsaidParameters = (request: ModelRequest) => string[];

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
