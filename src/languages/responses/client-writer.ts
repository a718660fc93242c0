import type { Batch, Delta, FinishReason, ThoughtForm, Usage } from '../../protocol/delta.ts';
import type { GatewayError } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import { DONE_FRAME, KEEPALIVE_FRAME } from '../../protocol/sse.ts';
import type { AnswerWriter } from '../face.ts';
import { type ResponseEnding, toBrokenOff, toEnding, toErrorFields, toToldUsage } from './client-ending.ts';
import { ResponseEvents } from './client-events.ts';
import { ItemList, type StoredItem } from './client-item-list.ts';
import { areNative, NativeAnswer } from './client-native.ts';
import { ResponseOutput } from './client-output.ts';
import {
  type ResponseEcho,
  type ResponseState,
  type ResponseStatus,
  toOwnFields,
  toResponse,
} from './client-response.ts';
import { Silence } from './client-silence.ts';
import type { Compaction, ResponsesWriterOptions } from './client-writer-options.ts';

/** Writes one answer as OpenAI's Responses: as events, or as one response. */
export class ResponsesWriter implements AnswerWriter {
  readonly #options: ResponsesWriterOptions;
  readonly #events: ResponseEvents;
  readonly #items: ItemList;
  readonly #output: ResponseOutput;
  #model: string;
  #provider: string;
  #status: ResponseStatus | null = null;
  #ending: ResponseEnding | null = null;
  #finish: FinishReason | null = null;
  #usage: Usage | null = null;
  #tier: string | null = null;
  #compaction: Compaction | null = null;
  #isKept = true;
  readonly #told = new Set<string>();
  readonly #silence = new Silence();
  /** An answer that its provider writes itself, in the words of the client. */
  #native: NativeAnswer | null = null;
  #hasBegun = false;

  constructor(options: ResponsesWriterOptions) {
    const { echo, includes, isStream, showsObfuscation, isRemote } = options;
    const newId = (prefix: string) => options.newId(prefix);
    this.#options = options;
    [this.#model, this.#provider] = [options.model, options.provider];
    this.#events = new ResponseEvents(isStream, showsObfuscation ? () => newId('') : null, isRemote);
    this.#items = new ItemList(this.#events, newId);
    this.#output = new ResponseOutput({
      items: this.#items,
      clientNameOf: (name) => options.toolNames.clientNameOf(name),
      newId,
      seal: (thought) => options.seal({ ...thought, answeredBy: this.#provider }),
      // A client refuses calls of tools that it did not ask for (AI SDK).
      showsSearch: echo.tools.some(({ type }) => typeof type === 'string' && type.startsWith('web_search')),
      showsSources: includes.has('web_search_call.action.sources'),
    });
  }

  /** Call it before the first batch. @param thoughts the form of its thoughts where they do not tell it themselves */
  answeredBy(model: string, provider: string, thoughts: ThoughtForm): void {
    this.#model = model;
    this.#provider = provider;
    this.#output.thinksIn(thoughts);
  }

  /** From now on the response says `store: false`: it could not be kept. */
  notKept(): void {
    this.#isKept = false;
  }

  /** The id by which the provider knows the response; null before it has told it, or where its answer is spoken anew. */
  remoteId(): string | null {
    return this.#native?.remoteId() ?? null;
  }

  /** Whether its events are told. */
  isStream(): boolean {
    return this.#options.isStream;
  }

  /** The first events. An answer that waits is opened as `queued`, and once more when it begins. */
  open(status: 'queued' | 'in_progress'): string {
    this.#open(status);
    return this.#events.take();
  }

  /** What was summed up becomes the first item. Call it before the first batch. */
  sumUp(compaction: Compaction): string {
    this.#compaction = compaction;
    this.#open('in_progress');
    this.#items.addCompaction(compaction.sealed);
    return this.#events.take();
  }

  /** Before anything was said, what opens the stream; later a comment, and an event where it waits for long (Codex, measured). */
  heartbeat(): string {
    // An event of ours would take the number of one of the provider's, by which it can be asked for the rest.
    if (this.#options.isRemote) return KEEPALIVE_FRAME;
    if (this.#status === null) this.#open('in_progress');
    else if (this.#silence.isLong(this.#options.now())) this.#events.add('keepalive', {});
    else return KEEPALIVE_FRAME;
    return this.#events.take();
  }

  push(batch: Batch): string {
    const { native, deltas } = batch;
    this.#silence.break();
    // Behind an item of ours the provider's events would need other places.
    const isOurs = this.#hasBegun || this.#compaction !== null;
    if (!isOurs && native !== null && areNative(native, this.isStream())) this.#native = this.#beginNative();
    this.#hasBegun = true;
    if (this.#native !== null && native !== null) {
      this.#native.read(batch);
      this.#status = 'in_progress';
    }
    // What is counted after the end adds nothing to it.
    else if (this.#native === null || !(this.#native.hasEnded() || deltas.length === 0)) this.#pushDeltas(deltas);
    return this.#events.take();
  }

  #pushDeltas(deltas: readonly Delta[]): void {
    if (this.#native !== null) {
      // Another one goes on where the answer broke off: from here on the events are ours.
      this.#adoptNative();
      this.#output.endBrokenOff();
    }
    if (this.#status !== 'in_progress') this.#open('in_progress');
    for (const delta of deltas) {
      if (delta.type === 'usage') this.#usage = delta.usage;
      else if (delta.type === 'answer') {
        this.#tier = delta.fields.service_tier || this.#tier;
        this.#output.readFields(delta.fields);
      } else if (delta.index === 0) {
        if (delta.finish !== null) this.#finish = delta.finish;
        this.#output.read(delta);
      }
    }
  }

  /** The response as it is now, also while it grows. */
  snapshot(): JsonRecord {
    return this.#native?.toResponse() ?? this.#state();
  }

  #state(): JsonRecord {
    const ending = this.#ending;
    const state: ResponseState = {
      id: this.#options.id,
      createdAt: this.#options.createdAt,
      model: this.#model,
      status: ending?.status ?? this.#status ?? 'in_progress',
      completedAt: ending?.completedAt ?? null,
      error: ending?.error ?? null,
      incompleteReason: ending?.incompleteReason ?? null,
      output: this.#items.toItems(),
      usage: ending === null ? null : this.#usage,
      serviceTier: this.#tier,
    };
    return toResponse(this.#echo(), state);
  }

  /** The whole answer. Ask for it before `end()`, keep it, then end: nothing is pushed after it. */
  result(): JsonRecord {
    if (this.#native?.hasEnded()) return this.#native.toResponse();
    this.#adoptNative();
    this.#open('in_progress');
    this.#ending ??= this.#settle();
    return this.snapshot();
  }

  /** The answer that failed, with its output so far. Ask for it before `fail()`, keep it, then fail. */
  failedResult(error: GatewayError): JsonRecord {
    this.#adoptNative();
    this.#open('in_progress');
    this.#items.abandon();
    this.#ending = toBrokenOff(error);
    return this.snapshot();
  }

  /** The output with what is kept beside it. */
  storedItems(): readonly StoredItem[] {
    if (this.#native !== null) return this.#native.toItems().map((item) => ({ item, providerState: null }));
    return this.#items.toStored();
  }

  end(): string {
    const response = this.result();
    if (this.#native !== null) this.#native.tellEnd();
    else {
      if (this.#ending?.error) this.#events.add('error', toErrorFields(this.#ending.error));
      this.#events.add(`response.${response['status']}`, { response });
    }
    return this.#close();
  }

  fail(error: GatewayError): string {
    const response = this.failedResult(error);
    this.#events.add('error', toErrorFields(error));
    // There is no event for a cancelled response, and Codex would ask again after one that failed.
    const isCancelled = response['status'] === 'cancelled';
    this.#events.add(isCancelled ? 'response.incomplete' : 'response.failed', { response });
    return this.#close();
  }

  #open(status: 'queued' | 'in_progress'): void {
    if (this.#status === 'in_progress' || this.#status === status) return;
    const isFirst = this.#status === null;
    this.#status = status;
    const response = this.snapshot();
    if (isFirst) this.#events.add('response.created', { response });
    this.#events.add(`response.${status}`, { response });
    this.#told.add('response.created').add(`response.${status}`);
  }

  #beginNative(): NativeAnswer {
    const { id, isRemote, seal } = this.#options;
    return new NativeAnswer({
      events: this.#events,
      told: this.#told,
      open: () => this.#open('in_progress'),
      state: () => this.#state(),
      ownFields: () => toOwnFields(this.#echo(), id, this.#model, isRemote && this.#isKept),
      seal: isRemote ? null : (thought) => seal({ ...thought, answeredBy: this.#provider }),
    });
  }

  #echo(): ResponseEcho {
    return this.#isKept ? this.#options.echo : { ...this.#options.echo, store: false };
  }

  #adoptNative(): void {
    if (this.#native === null) return;
    const { items, said } = this.#native.broken();
    [this.#native, this.#status] = [null, 'in_progress'];
    this.#output.adopt(items, said);
  }

  #settle(): ResponseEnding {
    const ending = toEnding(this.#finish, this.#options.now());
    if (ending.error) this.#items.abandon();
    else this.#output.finish(ending.status === 'incomplete');
    this.#usage = toToldUsage(ending, this.#usage, this.#compaction);
    return ending;
  }

  #close(): string {
    return this.isStream() ? this.#events.take() + DONE_FRAME : '';
  }
}
