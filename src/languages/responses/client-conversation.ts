import { recordsOf, stringOf } from '../../protocol/json.ts';
import type {
  AnswerMessage,
  AnswerPart,
  Carried,
  ModelMessage,
  ResultMessage,
  TextPart,
} from '../../protocol/model-message.ts';
import type { Steps } from '../../protocol/turns.ts';
import { readCallItem, readOutputItem } from './client-calls.ts';
import { isCall, isOutput, type OpenEnvelope, type PlacedItem, pairIdOf } from './client-history.ts';
import { readContent, readContentParts } from './client-parts.ts';
import { readCodeItem } from './client-past-run.ts';
import { readReasoningItem, readSealed } from './client-reasoning.ts';
import { unknownItem } from './client-references.ts';
import type { ToolNameTable } from './client-tool-names.ts';

/** Items as messages, and what of them no provider but their maker could be told, in the client's words. */
export interface ReadConversation {
  readonly messages: readonly ModelMessage[];
  readonly lost: readonly string[];
}

/** Items that are read in one step. */
const ITEMS_PER_STEP = 1000;

/**
 * Puts items together as chats have them: what one answer said, thought and called is one message, and what its calls
 * came to follows it, wherever it stood; hosts that were born with chat refuse anything between.
 * @throws GatewayError 400 for a reference that was not resolved
 */
export function* readConversation(
  items: readonly PlacedItem[],
  names: ToolNameTable,
  open: OpenEnvelope,
): Steps<ReadConversation> {
  const conversation = new ConversationBuilder(names, open);
  let read = 0;
  for (const item of items) {
    conversation.add(item);
    if (++read % ITEMS_PER_STEP === 0) yield;
  }
  return conversation.toRead();
}

/** An answer that may go on, and what its calls came to. */
interface AnswerBlock {
  readonly at: number;
  readonly parts: AnswerPart[];
  readonly results: ResultMessage[];
  /** Calls that may stay open. */
  readonly pending: Set<string>;
  /** Of the call with this id, from an item before it. */
  readonly signatures: Map<string, Carried>;
  /** A signature of whatever follows: the next call, or in the end what was said. */
  signature: Carried | null;
}

class ConversationBuilder {
  readonly #names: ToolNameTable;
  readonly #open: OpenEnvelope;
  readonly #blocks: (ModelMessage | AnswerBlock)[] = [];
  readonly #callers = new Map<string, AnswerBlock>();
  readonly #lost = new Set<string>();

  constructor(names: ToolNameTable, open: OpenEnvelope) {
    this.#names = names;
    this.#open = open;
  }

  add(placed: PlacedItem): void {
    const { type, item } = placed;
    if (type === 'message') this.#addMessage(placed);
    else if (type === 'reasoning') this.#addReasoning(placed);
    else if (isCall(type)) this.#addCall(placed);
    else if (isOutput(type)) this.#addOutput(placed);
    else if (type === 'compaction') this.#addSummary(placed);
    else if (type === 'item_reference') throw unknownItem(stringOf(item['id']) ?? '', false);
    else if (!SILENT.has(type)) this.#addOther(placed);
  }

  toRead(): ReadConversation {
    const messages = this.#blocks.flatMap((block) => ('parts' in block ? toMessages(block) : [block]));
    return { messages, lost: [...this.#lost] };
  }

  #addMessage({ item, at }: PlacedItem): void {
    const { role, content, encrypted_content: sealed } = item;
    if (role === 'assistant') {
      const block = this.#answerAt(at);
      if (saysMore(block)) block.parts.push({ type: 'text', text: '\n\n', at, entry: 0, source: null });
      block.parts.push(...readContentParts(content, at));
      const { carried } = readSealed(sealed, this.#open);
      if (carried !== null) block.parts.push({ type: 'carried', ...carried, at, entry: 0, source: item });
      return;
    }
    const said = { content: readContent(content, at), at, source: item };
    this.#blocks.push({ role: role === 'system' || role === 'developer' ? role : 'user', ...said });
  }

  #addReasoning(placed: PlacedItem): void {
    const { parts, carried, callId } = readReasoningItem(placed, this.#open);
    const block = this.#answerAt(placed.at);
    block.parts.push(...parts);
    // Who can bring it back to its maker says the items as they are, and needs no messages.
    if (carried?.kind === 'encrypted-reasoning') this.#lost.add('input.reasoning');
    if (carried === null) return;
    if (carried.kind !== 'thought-signature') {
      block.parts.push({ type: 'carried', ...carried, at: placed.at, entry: 0, source: placed.item });
    } else if (callId === null) block.signature = carried;
    else block.signatures.set(callId, carried);
  }

  #addCall(placed: PlacedItem): void {
    const id = pairIdOf(placed);
    // A search of the server found what is declared anyway.
    if (id === null) return;
    const block = this.#answerAt(placed.at);
    const own = readSealed(placed.item['encrypted_content'], this.#open).carried;
    const carried = own ?? block.signatures.get(id) ?? block.signature;
    if (carried === block.signature) block.signature = null;
    block.parts.push(readCallItem(placed, id, this.#names, carried));
    if (placed.item['async'] === true) block.pending.add(id);
    this.#callers.set(id, block);
  }

  #addOutput(placed: PlacedItem): void {
    const callId = pairIdOf(placed);
    const block = callId === null ? undefined : this.#callers.get(callId);
    if (callId === null || block === undefined) return;
    const { item, at } = placed;
    block.pending.delete(callId);
    block.results.push({ role: 'tool', callId, content: readOutputItem(placed, this.#names), at, source: item });
  }

  #addSummary({ item, at }: PlacedItem): void {
    const envelope = this.#open(stringOf(item['encrypted_content']) ?? '');
    if (envelope?.kind !== 'summary') {
      this.#lost.add('input.compaction');
      return;
    }
    const content = `Summary of the conversation so far: ${String(envelope.data)}`;
    this.#blocks.push({ role: 'developer', content, at, source: item });
  }

  /** What a provider's own tool came to is told as words of the answer, under the name of the item. */
  #addOther(placed: PlacedItem): void {
    const { type, at } = placed;
    const part = type === 'code_interpreter_call' ? readCodeItem(placed, this.#open) : readResult(placed);
    if (part === null) this.#lost.add(`input.${type}`);
    else this.#answerAt(at).parts.push(part);
  }

  /** The answer that goes on here: after the results of its calls another one begins. */
  #answerAt(at: number): AnswerBlock {
    const last = this.#blocks.at(-1);
    if (last !== undefined && 'parts' in last && last.results.length === 0) return last;
    const block = { at, parts: [], results: [], pending: new Set<string>(), signatures: new Map(), signature: null };
    this.#blocks.push(block);
    return block;
  }
}

/** Messages of one answer are one text to a chat: they must not run into each other. */
function saysMore({ parts }: AnswerBlock): boolean {
  const last = parts.findLast(({ type }) => type === 'text');
  return last?.type === 'text' && !last.text.endsWith('\n');
}

/** Items without words of their own: the tools that they bring are declared, the search that they tell of is cited. */
const SILENT: ReadonlySet<string> = new Set(['additional_tools', 'mcp_list_tools', 'web_search_call']);

/** `results[].text` of a file search, `output` of an MCP tool; null where there is nothing of either. */
function readResult({ item, type, at }: PlacedItem): TextPart | null {
  const found = recordsOf(item['results']).map(({ text }) => stringOf(text) ?? '');
  const words = stringOf(item['output']) ?? found.filter((text) => text !== '').join('\n');
  return words === '' ? null : { type: 'text', text: `[${type}]\n${words}\n\n`, at, entry: 0, source: null };
}

/** What says nothing is no message: an answer that was cut off while the model thought. */
function toMessages(block: AnswerBlock): ModelMessage[] {
  const { at, parts, results, pending, signature } = block;
  if (!parts.some(({ type }) => type !== 'reasoning' && type !== 'carried')) return [];
  if (signature !== null) parts.push({ type: 'carried', ...signature, at, entry: 0, source: null });
  const open = [...pending].map(
    (callId): ResultMessage => ({ role: 'tool', callId, content: STILL_RUNNING, at, source: null }),
  );
  return [toAnswer(parts, at), ...results, ...open];
}

/** Providers want a result of every call; one that is `async` may have none yet. */
const STILL_RUNNING = 'Still running: the result follows later.';

function toAnswer(parts: readonly AnswerPart[], at: number): AnswerMessage {
  const [first] = parts;
  const isPlain = parts.length === 1 && first?.type === 'text' && first.source === null;
  return { role: 'assistant', content: isPlain ? first.text : parts, at, source: null };
}
