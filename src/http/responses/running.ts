import { setTimeout as wait } from 'node:timers/promises';
import type { EventLog } from '../../calls/event-log.ts';
import type { Threads } from '../../conversations/threads.ts';
import type { ResponsesWriter } from '../../languages/responses/client-writer.ts';
import type { GatewayError } from '../../protocol/errors.ts';

/** A response that runs in this process, whoever listens. */
export interface RunningResponse {
  readonly id: string;
  readonly owner: string;
  /** Name of the client's key. */
  readonly key: string;
  readonly isBackground: boolean;
  readonly writer: ResponsesWriter;
  readonly log: EventLog;
  abort(reason: GatewayError): void;
  /** Resolves with its end, whatever that is. */
  readonly ended: Promise<void>;
}

/** Those that outlive their client, in this process. */
export class RunningResponses {
  readonly #running = new Map<string, RunningResponse>();

  add(response: RunningResponse): void {
    this.#running.set(response.id, response);
    const remove = (): boolean => this.#running.delete(response.id);
    response.ended.then(remove, remove);
  }

  find(owner: string, id: string): RunningResponse | null {
    const found = this.#running.get(id);
    return found?.owner === owner ? found : null;
  }

  all(): readonly RunningResponse[] {
    return [...this.#running.values()];
  }

  /** How many a key has in the background. */
  countOf(key: string): number {
    return this.all().filter((response) => response.key === key && response.isBackground).length;
  }
}

/** Events are kept this often, or sooner where there are many. */
const KEEP_MS = 250;
/** OpenAI can replay a stream for five minutes after its end. */
const LEAST_KEPT_MS = 5 * 60_000;

/** Keeps the events of a running response as they come, so that a later reader finds them. */
export async function keepEvents(
  threads: Threads,
  { owner, id, log, ended }: Pick<RunningResponse, 'owner' | 'id' | 'log' | 'ended'>,
  expiresAt: () => number,
): Promise<void> {
  const end = ended.catch(() => undefined);
  for (let next = 0; !log.isEnded() || next < log.size(); ) {
    const events = log.from(next).map((data, at) => ({ seq: next + at, data }));
    if (events.length > 0) await threads.appendEvents(owner, id, events, expiresAt());
    next += events.length;
    if (!log.isEnded()) await Promise.race([wait(KEEP_MS, undefined, { ref: false }), end]);
  }
}

/** When events of now are forgotten. @param keepMs how long a stream can be read after its end */
export function eventsExpireAt(now: number, totalMs: number, keepMs: number): number {
  return Math.round(now + totalMs + Math.max(keepMs, LEAST_KEPT_MS));
}
