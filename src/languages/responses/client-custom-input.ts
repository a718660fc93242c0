import { parseJson, recordOf, stringOf } from '../../protocol/json.ts';

const START = /^\s*\{\s*"input"\s*:\s*"/;
/** More than the start takes with any usual indentation: then the arguments have another shape. */
const MAX_START_CHARS = 256;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/gs;
const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }),
);

/**
 * Takes the text of a custom tool out of the arguments `{"input":"…"}` of the function that stands for it, as they grow.
 * No escape and no surrogate pair is cut. Arguments of another shape are the text themselves, told at the end.
 */
export class CustomInput {
  #arguments = '';
  /** What could not be decoded yet. */
  #pending = '';
  #half = '';
  #said = '';
  #state: 'before' | 'inside' | 'after' = 'before';

  /** The text that this piece brings. */
  push(piece: string): string {
    this.#arguments += piece;
    if (this.#state === 'after') return '';
    this.#pending += piece;
    if (this.#state === 'before') this.#enter();
    return this.#state === 'inside' ? this.#tell(this.#decode()) : '';
  }

  /** What was not told yet, once all arguments are there. */
  end(): string {
    const text = stringOf(recordOf(parseJson(this.#arguments))['input']);
    if (text !== null) return text.startsWith(this.#said) ? this.#tell(text.slice(this.#said.length)) : '';
    const isEmpty = /^\s*(\{\s*\})?\s*$/.test(this.#arguments);
    return this.#said !== '' || isEmpty ? '' : this.#tell(this.#arguments);
  }

  #enter(): void {
    const start = START.exec(this.#pending);
    if (start !== null) {
      this.#pending = this.#pending.slice(start[0].length);
      this.#state = 'inside';
    } else if (this.#pending.length > MAX_START_CHARS) this.#state = 'after';
  }

  #decode(): string {
    const end = this.#endOfUnits();
    if (this.#pending[end] === '"') this.#state = 'after';
    const text = this.#half + unescaped(this.#pending.slice(0, end));
    this.#pending = this.#pending.slice(end);
    this.#half = isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.slice(-1) : '';
    return text.slice(0, text.length - this.#half.length);
  }

  /** Where the closing quote stands, or else the first escape that is not whole. */
  #endOfUnits(): number {
    let at = 0;
    while (at < this.#pending.length && this.#pending[at] !== '"') {
      let length = 1;
      if (this.#pending[at] === '\\') length = this.#pending[at + 1] === 'u' ? 6 : 2;
      if (at + length > this.#pending.length) break;
      at += length;
    }
    return at;
  }

  #tell(text: string): string {
    this.#said += text;
    return text;
  }
}

/** Line breaks that a model forgot to escape stay as they are. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_, unit: string | undefined, name: string) =>
    unit === undefined ? (NAMED_ESCAPES.get(name) ?? name) : String.fromCharCode(Number.parseInt(unit, 16)),
  );
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
