import { createParser, type EventSourceParser } from 'eventsource-parser';
import type { ErrorBody } from './errors.ts';
import { AttemptError, toFailure } from './failure.ts';

/** Ends every stream that went well. */
export const DONE_FRAME = 'data: [DONE]\n\n';
/** A comment: clients ignore it, idle connections stay open. */
export const KEEPALIVE_FRAME = ': keepalive\n\n';
/** One event of this size holds a 30 MB inline image; more is a runaway upstream, not an answer. */
const MAX_EVENT_CHARS = 64 * 1024 * 1024;

/** One value as a `data:` frame. */
export function toFrame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** The error event that ends a stream which broke after its head was sent. */
export function toErrorFrame(body: ErrorBody): string {
  return toFrame(body);
}

/**
 * Bytes of one body, cut anywhere, to the `data` of SSE events. Comments, empty events and `event:` lines are skipped.
 * A line that begins with `{` or `[` is no SSE: Vertex reports an error in mid-stream so, and a server that
 * knows no streaming answers so. From there to the end everything is one last event.
 */
export class EventReader {
  readonly #decoder = new TextDecoder();
  readonly #parser: EventSourceParser;
  #events: string[] = [];
  #bare: string | null = null;
  #atLineStart = true;

  constructor() {
    this.#parser = createParser({
      maxBufferSize: MAX_EVENT_CHARS,
      // An event without data is a sign of life, like a comment.
      onEvent: ({ data }) => {
        if (data !== '') this.#events.push(data);
      },
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') failOversized();
      },
    });
  }

  /**
   * The data of the events completed by these bytes.
   * @throws AttemptError when one event outgrows 64 Mi characters
   */
  read(bytes: Uint8Array): readonly string[] {
    this.#feed(this.#decoder.decode(bytes, { stream: true }));
    return this.#take();
  }

  /** Call at the end of the body: the data of an event whose blank line never came. */
  end(): readonly string[] {
    this.#feed(this.#decoder.decode());
    this.#parser.feed('\n\n');
    if (this.#bare !== null) this.#events.push(this.#bare.trim());
    return this.#take();
  }

  #feed(text: string): void {
    if (text === '') return;
    const start = this.#bare === null ? bareStart(text, this.#atLineStart) : 0;
    this.#atLineStart = text.endsWith('\n');
    if (start < 0) {
      this.#parser.feed(text);
      return;
    }
    if (start > 0) this.#parser.feed(text.slice(0, start));
    this.#bare = (this.#bare ?? '') + text.slice(start);
    if (this.#bare.length > MAX_EVENT_CHARS) failOversized();
  }

  #take(): readonly string[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }
}

/** Where a line begins with `{` or `[`; -1 when none does. */
function bareStart(text: string, atLineStart: boolean): number {
  if (atLineStart && (text.startsWith('{') || text.startsWith('['))) return 0;
  const brace = text.indexOf('\n{');
  if (brace >= 0) return brace + 1;
  const bracket = text.indexOf('\n[');
  return bracket < 0 ? -1 : bracket + 1;
}

function failOversized(): never {
  throw new AttemptError(toFailure('interrupted', 'The provider sent an event larger than 64 Mi characters.'));
}
