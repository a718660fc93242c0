import { TokenEstimate } from '../../protocol/estimate.ts';
import { parseJson, recordOf, recordsOf } from '../../protocol/json.ts';
import { EventReader } from '../../protocol/sse.ts';

/** The text in a stream of completions, which is read as it passes, and estimated. */
export class PassedText {
  readonly #events = new EventReader();
  readonly #estimate = new TokenEstimate();
  #isReadable = true;
  #end = '';
  /** Whether all that has passed are whole events: another one may follow. */
  isBetweenEvents = true;

  /** @returns the tokens of all that has passed */
  add(bytes: Buffer): number {
    this.#end = (this.#end + bytes.toString('latin1', Math.max(0, bytes.length - 3))).slice(-3);
    this.isBetweenEvents = /(?:\n\r?\n|\r\r)$/.test(this.#end);
    if (this.#isReadable) this.#read(bytes);
    return this.#estimate.tokens();
  }

  #read(bytes: Buffer): void {
    try {
      for (const data of this.#events.read(bytes)) {
        for (const { text } of recordsOf(recordOf(parseJson(data))['choices']))
          if (typeof text === 'string') this.#estimate.add(text);
      }
    } catch {
      // An event without an end is none: it passes, and nothing more is counted.
      this.#isReadable = false;
    }
  }
}
