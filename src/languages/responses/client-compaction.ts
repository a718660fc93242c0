import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import type { ResponsesBody } from './client-check.ts';
import { CONTEXT, type PlacedItem, placedItems, visibleItems } from './client-history.ts';
import { itemsIn } from './client-input.ts';
import { openEnvelope, sealEnvelope } from './words.ts';

const TASK =
  'Summarise the conversation so far for yourself, so that you can go on without it: what was decided, facts that were ' +
  'found, names and numbers, instructions that still hold, what tools came to, and what is still to be done. Leave out ' +
  'what no later turn can need. Write the summary alone, in the language of the conversation.';

/** A request with the task to sum it up as its last word: no tool is called, and nothing of it is kept. */
export function toSummaryBody(body: ResponsesBody): ResponsesBody {
  const { model, fallbacks, instructions, prompt_cache_key, reasoning, safety_identifier, user } = body;
  const input = [...itemsIn(body.input), { type: 'message', role: 'user', content: TASK }];
  return { model, fallbacks, instructions, prompt_cache_key, reasoning, safety_identifier, user, input, store: false };
}

/** What users said since the last summary, without ids. */
export function userItems(body: ResponsesBody, context: readonly JsonRecord[]): readonly JsonRecord[] {
  const visible = visibleItems(placedItems(body, context), body, openEnvelope);
  return visible.filter((placed) => isSaidBy(placed, 'user')).map(({ item: { id: _, ...item } }) => item);
}

/** An item that every model can read later in place of all before it. */
export function toCompaction(summary: string): JsonRecord {
  return { type: 'compaction', encrypted_content: sealSummary(summary) };
}

/** A conversation that was summed up before it goes on. */
export interface CompactedBody {
  /** What is asked now: the summary, with what is kept beside it as it was said. */
  readonly body: ResponsesBody;
  /** For later turns, that begin with it: what was kept now stands before it, so its words are in it. */
  readonly sealed: string;
}

/**
 * The request with a summary in place of its context and its items. Instructions, tools and what the user said last stay as they
 * are; what was called since is in the summary.
 */
export function withSummary(body: ResponsesBody, context: readonly JsonRecord[], summary: string): CompactedBody {
  const items = placedItems(body, context);
  const last = items.findLastIndex((placed) => isSaidBy(placed, 'user'));
  const place = items[last]?.at === CONTEXT;
  const goesOn = (placed: PlacedItem): boolean => isSaidBy(placed, 'user') && (placed.at === CONTEXT) === place;
  const first = items.slice(0, last).findLastIndex((placed) => !goesOn(placed)) + 1;
  const kept = items
    .filter((placed, at) => isInstruction(placed) || (at >= first && at <= last))
    .map(({ item }) => item);
  // A question that stands right before the summary is found there by later turns.
  const isLast = last === items.length - 1;
  const said = kept.filter(({ role }) => !(isLast && role === 'user')).flatMap((item) => toQuote(item));
  const whole = said.length === 0 ? summary : `${summary}\n\nWord for word:\n\n${said.join('\n\n')}`;
  return { body: { ...body, input: [toCompaction(summary), ...kept] }, sealed: sealSummary(whole) };
}

function isInstruction(placed: PlacedItem): boolean {
  return placed.type === 'additional_tools' || isSaidBy(placed, 'system') || isSaidBy(placed, 'developer');
}

function isSaidBy({ type, item }: PlacedItem, role: string): boolean {
  return type === 'message' && item['role'] === role;
}

function toQuote({ role, content }: JsonRecord): string[] {
  const text = stringOf(content) ?? recordsOf(content).map(textOf).join('');
  return text === '' ? [] : [`[${String(role)}] ${text}`];
}

function textOf({ text }: JsonRecord): string {
  return stringOf(text) ?? '';
}

function sealSummary(summary: string): string {
  return sealEnvelope({ provider: 'sluice', kind: 'summary', data: summary, callId: null, answeredBy: null });
}
