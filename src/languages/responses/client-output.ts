import type {
  Annotation,
  AnswerFields,
  ChoiceDelta,
  ThoughtForm,
  TokenLogprob,
  ToolCallDelta,
} from '../../protocol/delta.ts';
import { recordsOf, stringOf } from '../../protocol/json.ts';
import type { Carried } from '../../protocol/model-message.ts';
import { type CallItem, type ClientTool, callPrefixOf, createCallItem } from './client-call-items.ts';
import { WebSearchItem } from './client-hosted-items.ts';
import { HostedOutput } from './client-hosted-output.ts';
import type { ItemList, ListedItem } from './client-item-list.ts';
import { MessageItem } from './client-message-item.ts';
import type { NativeItem } from './client-native-item.ts';
import { type ThoughtOptions, ThoughtWriter } from './client-thoughts.ts';
import { ToldItem } from './client-told-item.ts';

/** What the output of an answer depends on. */
export interface OutputOptions {
  readonly items: ItemList;
  /** The tool that the client calls by another name than the provider. */
  readonly clientNameOf: (name: string) => ClientTool;
  readonly newId: (prefix: string) => string;
  readonly seal: ThoughtOptions['seal'];
  readonly showsSearch: boolean;
  readonly showsSources: boolean;
}

/** OpenAI's bound. */
const MAX_CALL_ID_CHARS = 64;

/** Makes items of the deltas of one answer. */
export class ResponseOutput {
  readonly #options: OutputOptions;
  readonly #items: ItemList;
  /** Open for citations, which come last, until another one begins. */
  #message: ListedItem<MessageItem> | null = null;
  /** Words go on in the message: nothing was called since. */
  #goesOn = false;
  readonly #thoughts: ThoughtWriter;
  readonly #calls = new Map<number, ListedItem<CallItem>>();
  readonly #openCalls = new Set<ListedItem<CallItem>>();
  readonly #callIds = new Set<string>();
  readonly #hosted: HostedOutput;
  #brokenOff: ListedItem[] = [];
  /** How much was said, in all messages. */
  #chars = 0;
  /** Citations that came before any word. */
  #early: Annotation[] = [];
  readonly #sources = new Set<string>();
  #hasSearched = false;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.#items = options.items;
    const { items, newId, seal } = options;
    this.#thoughts = new ThoughtWriter({ items, seal, endEarlier: () => this.#endEarlier() });
    this.#hosted = new HostedOutput({ items, newId, endText: () => this.#endText(), toCarried: toSignature });
  }

  /** Call it before the answer. @param form of thoughts that do not tell it themselves */
  thinksIn(form: ThoughtForm): void {
    this.#thoughts.form = form;
  }

  /** Takes over what a provider told itself, for who goes on where it broke off. @param said in all its messages */
  adopt(items: readonly NativeItem[], said: string): void {
    this.#chars = said.length;
    for (const native of items) {
      const { record, isDone, isPartOpen } = native;
      const id = stringOf(record['id']) ?? this.#options.newId('item');
      if (isDone || record['type'] !== 'message') {
        const listed = this.#items.adopt(id, isDone, (place) => new ToldItem(place, native));
        if (!isDone) this.#brokenOff.push(listed);
        continue;
      }
      const last = stringOf(recordsOf(record['content']).at(-1)?.['text']) ?? '';
      const told = { record, isPartOpen, start: said.length - last.length };
      this.#message = this.#items.adopt(id, false, (place) => new MessageItem(place, told));
      this.#goesOn = true;
    }
  }

  /** Ends what was taken over and cannot go on: all but a message. */
  endBrokenOff(): void {
    for (const listed of this.#brokenOff.splice(0)) this.#items.end(listed);
  }

  read({ delta, logprobs }: ChoiceDelta): void {
    if (delta.reasoning_content || delta.reasoning_details) {
      this.#thoughts.think(delta.reasoning_content ?? null, recordsOf(delta.reasoning_details));
    }
    if (delta.content) this.#say(delta.content, logprobs?.content ?? null);
    else if (logprobs?.content) this.#message?.item.note(logprobs.content);
    if (delta.refusal) this.#openMessage().refuse(delta.refusal);
    if (delta.images || delta.code_runs || delta.server_steps) this.#hosted.read(delta);
    if (delta.tool_calls) for (const call of delta.tool_calls) this.#call(call);
    if (delta.annotations) for (const annotation of delta.annotations) this.#cite(annotation);
    if (delta.extra_content) this.#carry(delta.extra_content.google.thought_signature);
  }

  /** What a provider tells of its search beside the answer: before the words where it comes before them, else last. */
  readFields({ citations, search_results: results }: AnswerFields): void {
    for (const url of citations ?? []) this.#sources.add(url);
    for (const { url } of recordsOf(results)) if (typeof url === 'string') this.#sources.add(url);
    if (this.#sources.size > 0 && this.#message === null) this.#search();
  }

  /** @param isCut true where the answer ended before the model had */
  finish(isCut: boolean): void {
    this.#thoughts.sealAll();
    this.#items.endAll(isCut);
    // Behind what was cut there is nothing.
    if (this.#sources.size > 0 && !isCut) this.#search();
  }

  #say(text: string, logprobs: readonly TokenLogprob[] | null): void {
    this.#openMessage().say(text, logprobs, this.#chars);
    this.#chars += text.length;
    if (this.#early.length > 0) for (const annotation of this.#early.splice(0)) this.#message?.item.cite(annotation);
  }

  #openMessage(): MessageItem {
    this.#thoughts.end();
    if (this.#message !== null && this.#goesOn) return this.#message.item;
    this.#endEarlier();
    this.#message = this.#items.begin('msg', (place) => new MessageItem(place));
    this.#goesOn = true;
    return this.#message.item;
  }

  #call(delta: ToolCallDelta): void {
    const signature = delta.extra_content?.google.thought_signature ?? null;
    const name = delta.function?.name ?? delta.custom?.name;
    const call = this.#calls.get(delta.index) ?? (name ? this.#begin(delta, name, signature) : null);
    if (call === null || call.isEnded) return;
    if (signature !== null) call.providerState = toSignature(signature);
    call.item.write(delta.function?.arguments ?? delta.custom?.input ?? '');
  }

  #begin(delta: ToolCallDelta, name: string, signature: string | null): ListedItem<CallItem> {
    const tool = this.#options.clientNameOf(name);
    const isText = delta.custom !== undefined;
    const callId = this.#callIdOf(delta.id);
    // Of all that clients know of an answer, only a reasoning item brings a signature back.
    this.#thoughts.sealAll();
    if (signature !== null) this.#thoughts.seal(toSignature(signature), callId);
    this.#thoughts.end();
    this.#goesOn = false;
    const prefix = callPrefixOf(tool, isText);
    const call = this.#items.begin(prefix, (place) => createCallItem(place, callId, tool, isText));
    this.#calls.set(delta.index, call);
    this.#openCalls.add(call);
    return call;
  }

  /** The provider's, unless it is too long for OpenAI, or names another call as well. */
  #callIdOf(given: string | undefined): string {
    const isFit = given && given.length <= MAX_CALL_ID_CHARS && !this.#callIds.has(given);
    const id = isFit ? given : this.#options.newId('call');
    this.#callIds.add(id);
    return id;
  }

  #cite(annotation: Annotation): void {
    this.#sources.add(annotation.url_citation.url);
    if (this.#message === null) this.#early.push(annotation);
    else this.#message.item.cite(annotation);
  }

  /** The signature of a text comes after it, too late for an item before: it is kept beside it. */
  #carry(signature: string): void {
    const signed = this.#message ?? this.#items.last();
    if (signed) signed.providerState = toSignature(signature);
  }

  #search(): void {
    if (this.#hasSearched || !this.#options.showsSearch) return;
    this.#hasSearched = true;
    const sources = this.#options.showsSources ? [...this.#sources] : null;
    this.#items.end(this.#items.begin('ws', (place) => new WebSearchItem(place, sources)));
  }

  /** Before what is neither thought nor said: words after it make a new message. */
  #endText(): void {
    this.#thoughts.end();
    this.#endEarlier();
    this.#goesOn = false;
  }

  /** Before what comes next: the message, and the calls that are whole. Others may still grow; code may not. */
  #endEarlier(): void {
    this.#hosted.endRuns();
    if (this.#message !== null) this.#items.end(this.#message);
    this.#message = null;
    for (const call of this.#openCalls) {
      if (!call.item.isWhole()) continue;
      this.#items.end(call);
      this.#openCalls.delete(call);
    }
  }
}

function toSignature(data: string): Carried {
  return { provider: 'google', kind: 'thought-signature', data };
}
