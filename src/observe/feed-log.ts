/** What is kept for readers that come back: so many events, so many characters. The newest is kept in any case. */
const MAX_EVENTS = 512;
const MAX_CHARS = 1024 * 1024;
/** Readers are given about so much at once. */
const MAX_SLICE = 64 * 1024;

/** Some events of a log, as text. */
interface FeedSlice {
  readonly text: string;
  /** The id of the last one, or where there is none, what was asked for. */
  readonly lastId: number;
}

/** The last events of one feed, with ids that ascend by one. */
export class FeedLog {
  #events: string[] = [];
  #chars = 0;
  #lastId: number;

  /** @param before ids begin after it */
  constructor(before: number) {
    this.#lastId = before;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** @param data one line of JSON */
  add(event: string, data: string): void {
    const text = toEvent(event, ++this.#lastId, data);
    this.#events.push(text);
    this.#chars += text.length;
    while (this.#events.length > MAX_EVENTS || (this.#chars > MAX_CHARS && this.#events.length > 1))
      this.#chars -= this.#events.shift()?.length ?? 0;
  }

  /** The events after this one; null where some of them are not kept any more, or it is none of this log. */
  after(id: number): FeedSlice | null {
    const first = this.#events.length - (this.#lastId - id);
    if (first < 0 || id > this.#lastId) return null;
    let text = '';
    let at = first;
    while (at < this.#events.length && text.length < MAX_SLICE) text += this.#events[at++];
    return { text, lastId: id + at - first };
  }
}

/** An event as server-sent. */
export function toEvent(event: string, id: number, data: string): string {
  return `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;
}
