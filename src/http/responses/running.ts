import type { EventLog } from '../../calls/event-log.ts';
import type { ResponsesWriter } from '../../languages/responses/client-writer.ts';
import { GatewayError } from '../../protocol/errors.ts';

/** A response that runs in this process, with or without a reader. */
export interface RunningResponse {
  readonly id: string;
  readonly owner: string;
  /** Name of the client's key. */
  readonly key: string;
  readonly isBackground: boolean;
  readonly writer: ResponsesWriter;
  readonly log: EventLog;
  /** How much it has said, in estimated tokens. */
  spoken(): number;
  abort(reason: GatewayError): void;
  /** Resolves with its end, whatever that is. */
  readonly ended: Promise<void>;
  /** Settles when all its events are kept as well: until then it is followed from memory. */
  readonly kept: Promise<void>;
}

/** The responses of this process that outlive their client. */
export class RunningResponses {
  readonly #running = new Map<string, RunningResponse>();
  readonly #reserved = new Map<string, number>();
  readonly #idle: (() => void)[] = [];

  add(response: RunningResponse): void {
    this.#running.set(response.id, response);
    const remove = (): void => this.remove(response);
    const { ended, kept } = response;
    Promise.allSettled([ended, kept]).then(remove);
  }

  /** Forgets one, also before its events are kept. */
  remove({ id }: Pick<RunningResponse, 'id'>): void {
    this.#running.delete(id);
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** One that has not ended. */
  find(owner: string, id: string): RunningResponse | null {
    const found = this.findStream(owner, id);
    return found?.log.isEnded() ? null : found;
  }

  /** One whose events are here, be it that it has ended. */
  findStream(owner: string, id: string): RunningResponse | null {
    const found = this.#running.get(id);
    return found?.owner === owner ? found : null;
  }

  /** The responses that have not ended. */
  all(): readonly RunningResponse[] {
    return [...this.#running.values()].filter(({ log }) => !log.isEnded());
  }

  /** Resolves when there is none. */
  idle(): Promise<void> {
    return this.#running.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /**
   * Keeps a place in the background for a key, from before its response is put down until it runs.
   * @param most `responses.max_background`
   * @returns gives the place back
   * @throws GatewayError 429 `concurrency_limit_exceeded`
   */
  reserve(key: string, most: number): () => void {
    const reserved = this.#reserved.get(key) ?? 0;
    const running = this.all().filter((response) => response.key === key && response.isBackground).length;
    if (running + reserved >= most) throw tooMany(running + reserved, most);
    this.#reserved.set(key, reserved + 1);
    return () => {
      const left = (this.#reserved.get(key) ?? 1) - 1;
      if (left > 0) this.#reserved.set(key, left);
      else this.#reserved.delete(key);
    };
  }
}

function tooMany(running: number, most: number): GatewayError {
  const message = `This key has ${running} responses running in the background, and may have ${most} (responses.max_background). Try again when one has ended.`;
  return new GatewayError('concurrency_limit_exceeded', message, { retryAfterMs: 1000 });
}
