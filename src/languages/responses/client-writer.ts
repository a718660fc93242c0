import type { AnswerFields, Batch, FinishReason, Usage } from '../../protocol/delta.ts';
import { sumOfUsage, toUsage } from '../../protocol/delta.ts';
import type { GatewayError } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import type { Carried } from '../../protocol/model-message.ts';
import { DONE_FRAME, KEEPALIVE_FRAME } from '../../protocol/sse.ts';
import type { AnswerWriter } from '../face.ts';
import type { ClientTool } from './client-call-items.ts';
import { type ResponseEnding, toBrokenOff, toEnding } from './client-ending.ts';
import { ResponseEvents } from './client-events.ts';
import { ItemList, type StoredItem } from './client-item-list.ts';
import { ResponseOutput } from './client-output.ts';
import { QuietStream } from './client-quiet.ts';
import type { ThoughtForm } from './client-reasoning-item.ts';
import {
  messageOf,
  type ResponseEcho,
  type ResponseState,
  type ResponseStatus,
  toResponse,
} from './client-response.ts';

/** The tools of a request under the names that its client gave them. */
export interface ClientToolNames {
  /** A name that no table has is the client's own. */
  clientNameOf(name: string): ClientTool;
}

/** What goes into an envelope. */
export interface SealedThought extends Carried {
  /** The call that it belongs to; null where it stands for itself. */
  readonly callId: string | null;
  /** The name of the provider that gave it. */
  readonly answeredBy: string;
}

/** What one response is written from. */
export interface ResponsesWriterOptions {
  /** Ours, `resp_…`. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly echo: ResponseEcho;
  /** Until it is known which one answers: the one that was asked for. */
  readonly model: string;
  readonly provider: string;
  /** False where the whole answer alone is asked for: then no event is built. */
  readonly isStream: boolean;
  /** The request's `include`. */
  readonly includes: ReadonlySet<string>;
  readonly showsObfuscation: boolean;
  readonly toolNames: ClientToolNames;
  /** What was summed up before the answer, as its first item, and what that took; null where nothing was. */
  readonly compaction: { readonly sealed: string; readonly usage: Usage } | null;
  /**
   * A new id that begins so: `msg`, `rs`, `fc`, `ctc`, `tsc`, `ws`, `ig`, `call`. It ends in 16 random characters or more,
   * which pad events as well: for these it begins with nothing.
   */
  newId(prefix: string): string;
  /** Milliseconds since the epoch. */
  now(): number;
  seal(thought: SealedThought): string;
}

/** Writes one answer as OpenAI's Responses: as events, or as one response. */
export class ResponsesWriter implements AnswerWriter {
  readonly #options: ResponsesWriterOptions;
  readonly #events: ResponseEvents;
  readonly #items: ItemList;
  readonly #output: ResponseOutput;
  readonly #quiet = new QuietStream();
  #model: string;
  #provider: string;
  #status: ResponseStatus | null = null;
  #ending: ResponseEnding | null = null;
  #finish: FinishReason | null = null;
  #usage: Usage | null = null;
  #tier: string | null = null;
  #isKept = true;

  constructor(options: ResponsesWriterOptions) {
    const { echo, includes, isStream, showsObfuscation } = options;
    const newId = (prefix: string) => options.newId(prefix);
    this.#options = options;
    this.#model = options.model;
    this.#provider = options.provider;
    this.#events = new ResponseEvents(isStream, showsObfuscation ? () => newId('') : null);
    this.#items = new ItemList(this.#events, newId);
    this.#output = new ResponseOutput({
      items: this.#items,
      clientNameOf: (name) => options.toolNames.clientNameOf(name),
      newId,
      seal: (carried, callId) => options.seal({ ...carried, callId, answeredBy: this.#provider }),
      // A client refuses calls of tools that it did not ask for (AI SDK).
      showsSearch: echo.tools.some(({ type }) => typeof type === 'string' && type.startsWith('web_search')),
      showsSources: includes.has('web_search_call.action.sources'),
    });
  }

  /** Call it before the first batch. @param thoughts the form of its thoughts where they do not tell it themselves */
  answeredBy(model: string, provider: string, thoughts: ThoughtForm = 'summary'): void {
    this.#model = model;
    this.#provider = provider;
    this.#output.thoughtForm = thoughts;
  }

  /** From now on the response says `store: false`: it could not be kept. */
  notKept(): void {
    this.#isKept = false;
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

  /** A sign of life: the first events, then comments, and after a long silence an event that clients know. */
  heartbeat(): string {
    if (this.#status === null) this.#open('in_progress');
    if (this.#quiet.isLong(this.#events.count(), this.#options.now())) this.#events.add('keepalive', {});
    return this.#events.take() || KEEPALIVE_FRAME;
  }

  push({ deltas }: Batch): string {
    if (this.#status !== 'in_progress') this.#open('in_progress');
    for (const delta of deltas) {
      if (delta.type === 'usage') this.#usage = delta.usage;
      else if (delta.type === 'answer') this.#readFields(delta.fields);
      else if (delta.index === 0) {
        if (delta.finish !== null) this.#finish = delta.finish;
        this.#output.read(delta);
      }
    }
    return this.#events.take();
  }

  /** The response as it is now, also while it grows. */
  snapshot(): JsonRecord {
    const { id, createdAt, echo } = this.#options;
    const ending = this.#ending;
    const state: ResponseState = {
      id,
      createdAt,
      model: this.#model,
      status: ending?.status ?? this.#status ?? 'in_progress',
      completedAt: ending?.completedAt ?? null,
      error: ending?.error ?? null,
      incompleteReason: ending?.incompleteReason ?? null,
      output: this.#items.toItems(),
      usage: ending === null ? null : this.#usage,
      serviceTier: this.#tier,
    };
    return toResponse(this.#isKept ? echo : { ...echo, store: false }, state);
  }

  /** The whole answer. Ask for it before `end()`, keep it, then end: nothing is pushed after it. */
  result(): JsonRecord {
    this.#open('in_progress');
    this.#ending ??= this.#settle();
    return this.snapshot();
  }

  /** The answer that failed, with its output so far. Ask for it before `fail()`, keep it, then fail. */
  failedResult(error: GatewayError): JsonRecord {
    this.#open('in_progress');
    this.#items.abandon();
    this.#ending = toBrokenOff(error);
    return this.snapshot();
  }

  /** The output with what is kept beside it. */
  storedItems(): readonly StoredItem[] {
    return this.#items.toStored();
  }

  end(): string {
    const response = this.result();
    if (this.#ending?.error) this.#addError(this.#ending.error);
    this.#events.add(`response.${response['status']}`, { response });
    return this.#close();
  }

  fail(error: GatewayError): string {
    const response = this.failedResult(error);
    this.#addError(error);
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
    const { compaction } = this.#options;
    if (compaction !== null && status === 'in_progress') this.#items.addCompaction(compaction.sealed);
  }

  #readFields(fields: AnswerFields): void {
    if (fields.service_tier) this.#tier = fields.service_tier;
    this.#output.readFields(fields);
  }

  #settle(): ResponseEnding {
    const ending = toEnding(this.#finish, this.#options.now());
    if (ending.error) this.#items.abandon();
    else this.#output.finish(ending.status === 'incomplete');
    // A client reads usage: a provider that counts nothing is told as zeros.
    if (ending.error === null) this.#usage ??= toUsage({ prompt: 0, completion: 0 });
    const { compaction } = this.#options;
    if (compaction !== null && this.#usage !== null) this.#usage = sumOfUsage(compaction.usage, this.#usage);
    return ending;
  }

  #addError(error: GatewayError): void {
    const { type, code, param } = error.toBody().error;
    const flat = { code, message: messageOf(error), param };
    this.#events.add('error', { ...flat, error: { type, ...flat } });
  }

  #close(): string {
    const frames = this.#events.take();
    return this.#options.isStream ? frames + DONE_FRAME : '';
  }
}
