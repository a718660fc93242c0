import type { Sink } from '../../calls/sink.ts';
import type { KeptStatus } from '../../conversations/records.ts';
import {
  type RemoteEvent,
  type RemoteFields,
  remoteFrame,
  toRemoteEvent,
} from '../../languages/responses/client-remote.ts';
import { fail } from '../../protocol/failure.ts';
import { isRecord, type JsonRecord, numberOf, recordOf } from '../../protocol/json.ts';

/** Where the events of a response go that its provider keeps. */
export interface RemoteEventsOptions {
  readonly sink: Sink;
  readonly signal: AbortSignal;
  readonly own: RemoteFields;
  /** Is given the response as it ended, before a client is told: that one may refer to its items at once. */
  readonly ended: (response: JsonRecord) => Promise<void>;
}

const ENDED: readonly unknown[] = ['completed', 'incomplete', 'failed', 'cancelled'] satisfies KeptStatus[];

/** True for a response of which no more comes. */
export function hasEnded({ status }: { readonly status?: unknown }): boolean {
  return ENDED.includes(status);
}

/** The way of a provider's events to a client that reads a response again. */
export class RemoteEvents {
  /** The number of the next event. */
  next = 0;
  readonly #options: RemoteEventsOptions;
  #latest: RemoteEvent | null = null;

  constructor(options: RemoteEventsOptions) {
    this.#options = options;
  }

  /** @param data of the events of one network read. @throws AttemptError where they are none */
  read(data: readonly string[]): Promise<unknown> | undefined {
    const events = data.filter((text) => !text.startsWith('[DONE]')).map(toEvent);
    const latest = events.at(-1);
    if (latest === undefined) return undefined;
    this.#latest = latest;
    const { response, sequence_number: number } = latest.fields;
    this.next = (numberOf(number) ?? this.next - 1) + 1;
    if (!isRecord(response) || !hasEnded(response)) return this.#write(events);
    return this.#options.ended(response).then(() => this.#write(events));
  }

  /** A client takes a stream without an end for success. @throws AttemptError where that is what was read */
  refuseOpenEnd(): void {
    if (this.#latest === null || this.#latest.type === 'error') return;
    if (hasEnded(recordOf(this.#latest.fields['response']))) return;
    fail('interrupted', 'The provider closed the stream before the response had ended.');
  }

  #write(events: readonly RemoteEvent[]): Promise<unknown> | undefined {
    const { sink, signal, own } = this.#options;
    return sink.write(events.map((event) => remoteFrame(event, own)).join('')) ? undefined : sink.drained(signal);
  }
}

function toEvent(text: string): RemoteEvent {
  return toRemoteEvent(text) ?? fail('server', 'The provider answered with something else than events.');
}
