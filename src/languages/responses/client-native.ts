import type { Batch } from '../../protocol/delta.ts';
import { isRecord, type JsonRecord, parseJson, recordOf, stringOf } from '../../protocol/json.ts';
import type { ResponseEvents } from './client-events.ts';
import { itemsSoFar, type NativeItem, notePart, toNativeItem } from './client-native-item.ts';
import type { SealedThought } from './client-writer-options.ts';

/** What an answer that its provider wrote is told with. */
export interface NativeContext {
  readonly events: ResponseEvents;
  /** Types of events that were told of the response as a whole. */
  readonly told: Set<string>;
  /** Tells that the response began, for a provider that does not. */
  open(): void;
  /** The response in the words of the gateway, for a provider that tells none. */
  state(): JsonRecord;
  /** What of a response is ours. */
  ownFields(): JsonRecord;
  /** An envelope for what this provider wants back; null where it passes as it is. */
  readonly seal: ((thought: Omit<SealedThought, 'answeredBy'>) => string) | null;
}

/** True where these are the events of an answer, or as `isStream` wants it the whole of one. */
export function areNative([first]: readonly string[], isStream: boolean): boolean {
  if (first === undefined) return false;
  if (typeOf(first) !== null) return true;
  const event = recordOf(parseJson(first));
  return stringOf(event['type']) !== null || (!isStream && isWhole(event));
}

/**
 * An answer of a provider that speaks the language of the client: its events are told as it wrote them, with what is ours put
 * in. Pieces of texts are copied and not read.
 */
export class NativeAnswer {
  readonly #context: NativeContext;
  readonly #items: NativeItem[] = [];
  #said = '';
  #thought = '';
  #latest: JsonRecord | null = null;
  /** The last event, which waits until the answer is kept. */
  #ending: { readonly event: JsonRecord; readonly type: string | null } | null = null;

  constructor(context: NativeContext) {
    this.#context = context;
  }

  read({ native, deltas }: Batch): void {
    for (const piece of deltas) {
      if (piece.type !== 'choice') continue;
      if (piece.delta.content) this.#said += piece.delta.content;
      if (piece.delta.reasoning_content) this.#thought += piece.delta.reasoning_content;
    }
    for (const text of native ?? []) this.#tell(text);
  }

  /** True once the provider has said all. */
  hasEnded(): boolean {
    return this.#ending !== null;
  }

  /** The response as the provider told it, with its items so far. */
  toResponse(): JsonRecord {
    const told = this.#told();
    if (told !== null && this.#ending !== null) return this.#withOwn(told);
    const { ownFields, state } = this.#context;
    return { ...(told ?? state()), ...ownFields(), status: 'in_progress', output: this.toItems() };
  }

  /** The id by which its provider knows it; null before that is told. */
  remoteId(): string | null {
    return stringOf(this.#told()?.['id']);
  }

  #told(): JsonRecord | null {
    const ended = this.#ending;
    if (ended === null) return this.#latest;
    return ended.type === null ? ended.event : recordOf(ended.event['response']);
  }

  toItems(): readonly JsonRecord[] {
    const ended = this.#ending;
    if (ended !== null) return this.toResponse()['output'] as readonly JsonRecord[];
    return itemsSoFar(this.#items, { said: this.#said, thought: this.#thought });
  }

  /** The items, for who goes on where this answer broke off. */
  broken(): { readonly items: readonly NativeItem[]; readonly said: string } {
    const now = this.toItems();
    return { items: this.#items.map((item, at) => ({ ...item, record: now[at] ?? item.record })), said: this.#said };
  }

  /** Tells the last event. */
  tellEnd(): void {
    const ended = this.#ending;
    if (ended?.type) this.#context.events.addEvent(ended.type, { ...ended.event, response: this.toResponse() });
  }

  #tell(text: string): void {
    const { events } = this.#context;
    const type = typeOf(text);
    if (type?.endsWith('.delta')) {
      this.#begin();
      events.copy(type, text);
      return;
    }
    const event = recordOf(parseJson(text));
    const name = stringOf(event['type']);
    if (isRecord(event['response']) && name !== null) this.#tellResponse(name, event, event['response']);
    else if (name !== null) this.#tellStep(name, event, text);
    else if (isWhole(event)) this.#ending = { event, type: null };
  }

  #begin(): void {
    if (!this.#context.told.has('response.created')) this.#context.open();
  }

  #tellResponse(type: string, event: JsonRecord, response: JsonRecord): void {
    const { events, told } = this.#context;
    if (type !== 'response.created') this.#begin();
    if (ENDINGS.has(type)) {
      this.#ending = { event, type };
      return;
    }
    this.#latest = response;
    // A response that waited has begun already.
    if (told.has(type) || (type === 'response.queued' && told.has('response.in_progress'))) return;
    told.add(type);
    events.addEvent(type, { ...event, response: this.#withOwn(response) });
  }

  #tellStep(type: string, event: JsonRecord, text: string): void {
    const { events } = this.#context;
    this.#begin();
    const item = isRecord(event['item']) ? this.#sealed(event['item']) : null;
    this.#note(type, event, item);
    if (item === null || item === event['item']) events.pass(type, event, text);
    else events.addEvent(type, { ...event, item });
  }

  #note(type: string, event: JsonRecord, item: JsonRecord | null): void {
    const index = Number(event['output_index']);
    const known = this.#items.findLast((one) => one.index === index);
    if (item !== null && type === 'response.output_item.added') this.#items.push(toNativeItem(index, item));
    else if (item !== null && known && type === 'response.output_item.done') {
      known.record = item;
      known.isDone = true;
    } else if (known) notePart(known, type, event);
  }

  #withOwn(response: JsonRecord): JsonRecord {
    const { output } = response;
    const items = Array.isArray(output) ? { output: output.map((item) => this.#sealed(item)) } : {};
    return { ...response, ...this.#context.ownFields(), ...items };
  }

  #sealed<T>(item: T): T {
    const { seal } = this.#context;
    const data = isRecord(item) ? item['encrypted_content'] : null;
    if (seal === null || typeof data !== 'string' || data === '') return item;
    const thought = { provider: 'openai', kind: 'encrypted-reasoning', data, callId: null } as const;
    return { ...item, encrypted_content: seal(thought) };
  }
}

/** A failed or cancelled one is told by the gateway, after whatever it has tried. */
const ENDINGS: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete']);

const TYPE = /^\s*\{\s*"type"\s*:\s*"([\w.:-]+)"/;

/** The type of an event that begins with it, as OpenAI's do. */
function typeOf(text: string): string | null {
  return TYPE.exec(text)?.[1] ?? null;
}

function isWhole(event: JsonRecord): boolean {
  return event['object'] === 'response' && Array.isArray(event['output']);
}
