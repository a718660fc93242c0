import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import { createTextParser } from '../../protocol/json-budget.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import type { Adapted, ModelFacts } from '../dialect.ts';
import { type Envelope, isLookedUp, openEnvelope } from './words.ts';

/** What a server is told apart by that is asked in its client's own words. */
export interface NativeVariant {
  /** Its name in the configuration, by which it knows its envelopes. */
  readonly provider: string;
  /** Whether a model thinks, and gives its thoughts in a form that can be brought back. */
  readonly thinks: (facts: ModelFacts) => boolean;
}

/** What the gateway does itself, at every provider. */
const OURS: ReadonlySet<string> = new Set([
  'background',
  'context_management',
  'conversation',
  'fallbacks',
  'metadata',
  'previous_response_id',
]);

const SEALED_THOUGHTS = 'reasoning.encrypted_content';

/**
 * The request as its client wrote it, with the whole conversation for input: all fields, tools and items, known or not.
 * Ask for it where `itemsOf` gives the request's items.
 */
export function toNativeRequest(request: ModelRequest, facts: ModelFacts, variant: NativeVariant): Adapted {
  const { origin, isStream, messages } = request;
  const items = origin.itemsOf(messages) ?? [];
  const { body } = origin;
  const { said, dropped } = toOwnWords(items, variant.provider);
  const own = Object.entries(body).filter(([name]) => !OURS.has(name));
  return {
    body: {
      ...Object.fromEntries(own),
      model: facts.upstream,
      // A text alone may stay one.
      input: typeof body['input'] === 'string' && items.length === 1 ? body['input'] : said,
      store: false,
      ...toOtherLimit(request),
      ...(isStream === (body['stream'] === true) ? {} : { stream: isStream }),
      ...(variant.thinks(facts) ? { include: withSealedThoughts(body['include']) } : {}),
    },
    dropped,
  };
}

/**
 * The request as its client wrote it, for a provider that keeps what it answers: nothing is the gateway's but the names, and a
 * limit where a budget pays for no longer answer.
 * Ask for it where the request's origin has a `remote`.
 */
export function toRemoteRequest(request: ModelRequest, facts: ModelFacts, variant: NativeVariant): Adapted {
  const { origin } = request;
  const { fallbacks: _, ...own } = origin.body;
  const { input } = own;
  const { said, dropped } = toOwnWords(recordsOf(input), variant.provider, true);
  const parent = origin.remote?.parent;
  return {
    body: {
      ...own,
      model: facts.upstream,
      ...(Array.isArray(input) ? { input: said } : {}),
      ...toOtherLimit(request),
      ...(parent ? { previous_response_id: parent.theirs } : {}),
    },
    dropped,
  };
}

/** Where it is not the client's own. */
function toOtherLimit({ origin, maxOutputTokens }: ModelRequest): JsonRecord {
  return maxOutputTokens === (origin.body['max_output_tokens'] ?? null) ? {} : { max_output_tokens: maxOutputTokens };
}

function withSealedThoughts(include: unknown): readonly unknown[] {
  const asked: readonly unknown[] = Array.isArray(include) ? include : [];
  return asked.includes(SEALED_THOUGHTS) ? asked : [...asked, SEALED_THOUGHTS];
}

interface OwnWords {
  readonly said: readonly JsonRecord[];
  /** What was left out, since only another provider could read it, or since it says nothing but its id. */
  readonly dropped: readonly string[];
}

/**
 * The items with their envelopes opened; nothing is changed of those that have none.
 * @param keepsItems true where the provider keeps items, and it was checked to which of them this client may refer
 */
function toOwnWords(items: readonly JsonRecord[], provider: string, keepsItems = false): OwnWords {
  const parse = createTextParser();
  const said: JsonRecord[] = [];
  const dropped = new Set<string>();
  for (const item of items) {
    const own = isUnreadable(item, keepsItems) ? null : toOwnItem(item, provider, parse);
    // What says nothing but its id is looked up in the account, which is that of every client.
    if (own !== null && ((keepsItems && own === item) || !isLookedUp(own))) said.push(own);
    else dropped.add(`input.${item['type']}`);
  }
  return { said, dropped: [...dropped] };
}

/** Thoughts without their blob cannot be read where nothing is kept. */
function isUnreadable({ type, encrypted_content: sealed }: JsonRecord, keepsItems: boolean): boolean {
  return type === 'reasoning' && !keepsItems && !isSealed(sealed);
}

function isSealed(sealed: unknown): sealed is string {
  return typeof sealed === 'string' && sealed !== '';
}

function toOwnItem(item: JsonRecord, provider: string, parse: (text: string) => unknown): JsonRecord | null {
  const { type, encrypted_content: sealed } = item;
  if (!isSealed(sealed)) return item;
  const envelope = openEnvelope(sealed, parse);
  // The client's own, from where it speaks this language.
  if (envelope === null) return item;
  if (envelope.kind === 'summary') return toSummary(envelope);
  if (envelope.kind === 'encrypted-reasoning' && envelope.answeredBy === provider) {
    return { ...item, encrypted_content: envelope.data };
  }
  if (type === 'reasoning' || type === 'compaction') return null;
  const { encrypted_content: _, ...rest } = item;
  return rest;
}

function toSummary({ data }: Envelope): JsonRecord {
  const text = `Summary of the conversation so far: ${stringOf(data) ?? ''}`;
  return { type: 'message', role: 'developer', content: [{ type: 'input_text', text }] };
}

/** Items that the provider runs itself: what they came to stands in the answer's words. */
const HOSTED: ReadonlySet<unknown> = new Set([
  'code_interpreter_call',
  'compaction',
  'file_search_call',
  'image_generation_call',
  'mcp_call',
  'mcp_list_tools',
  'web_search_call',
]);

const SPOKEN: ReadonlySet<unknown> = new Set(['message', 'reasoning', 'function_call', 'custom_tool_call']);

/** True for an item by which a model asks its client for something that the house has no word for. */
export function asksForMore({ type, execution }: JsonRecord): boolean {
  return !SPOKEN.has(type) && !HOSTED.has(type) && execution !== 'server';
}

/** True where an answer holds more than words, thoughts and calls. */
export function holdsMore(output: readonly JsonRecord[]): boolean {
  return output.some(({ type }) => !SPOKEN.has(type));
}
