import { GatewayError } from './errors.ts';
import { parseJson } from './json.ts';

/** 8,000 parallel tool calls with their answers have about 90,000 values. */
const MAX_VALUES = 250_000;
/** V8 makes a new shape of an object for each new name: they cost twenty times as much as names that repeat. */
const MAX_NAMES = 20_000;
/** Real requests nest about 20 levels (a JSON schema in a tool); far deeper ones could overflow the stack. */
const MAX_DEPTH = 64;

/** So few values cannot have too many names: hardly a request gets beyond, and its names are not looked at. */
const FREE_VALUES = 5000;
/** From this length on it is cheaper to look for the end of a string with native code. */
const SHORT_STRING = 48;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;

const IS_STRUCTURE = new Uint8Array(256);
for (const byte of [QUOTE, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT]) IS_STRUCTURE[byte] = 1;

/**
 * Counts what JSON text will cost once it is parsed, in its UTF-8 bytes as they arrive: values (a string of any length
 * is one), different names of fields, and depth. Text that is no JSON is counted somehow.
 */
export class JsonCounter {
  /** Values so far, containers included and names of fields not. */
  values = 0;
  #depth = 0;
  #deepest = 0;
  /** Whether the container at each depth is an object. */
  readonly #isObject: boolean[] = [false];
  #names: Set<number> | null = null;
  #awaitsName = false;
  #isInScalar = false;
  #isInString = false;
  #isEscaped = false;
  /** Hash of the name that is being read; -1 in a string that is none, or is not looked at. */
  #hash = -1;

  read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (!this.#isInString) at = this.#readStructure(bytes, at);
      else if (this.#hash === -1) at = this.#skipString(bytes, at);
      else at = this.#readName(bytes, at);
    }
  }

  /** True when there is more than a request may have. */
  isTooMuch(): boolean {
    return this.values > MAX_VALUES || (this.#names?.size ?? 0) > MAX_NAMES;
  }

  isTooDeep(): boolean {
    return this.#deepest > MAX_DEPTH;
  }

  /** True when every bracket was closed again. */
  isClosed(): boolean {
    return this.#depth <= 0 && !this.#isInString;
  }

  /** Begins another text; what was counted stays. */
  restart(): void {
    this.#depth = 0;
    this.#deepest = 0;
    this.#awaitsName = false;
    this.#isInScalar = false;
    this.#isInString = false;
    this.#isEscaped = false;
    this.#hash = -1;
  }

  /** Reads up to the beginning of a string. */
  #readStructure(bytes: Buffer, from: number): number {
    let isInScalar = this.#isInScalar;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte > SPACE && IS_STRUCTURE[byte] === 0) {
        if (!isInScalar) this.values++;
        isInScalar = true;
        continue;
      }
      isInScalar = false;
      if (byte === QUOTE) {
        this.#isInScalar = false;
        this.#beginString();
        return at + 1;
      }
      if (byte === COMMA) this.#awaitsName = this.#isObject[this.#depth] === true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#open(byte === OPEN_OBJECT);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#close();
    }
    this.#isInScalar = isInScalar;
    return bytes.length;
  }

  #beginString(): void {
    this.#isInString = true;
    if (!this.#awaitsName) {
      this.values++;
      return;
    }
    this.#awaitsName = false;
    if (this.values > FREE_VALUES) this.#hash = 0;
  }

  #open(isObject: boolean): void {
    this.values++;
    this.#depth++;
    if (this.#depth > this.#deepest) this.#deepest = this.#depth;
    // What is deeper is refused, and only has to be counted until then.
    if (this.#depth <= MAX_DEPTH) this.#isObject[this.#depth] = isObject;
    this.#awaitsName = isObject;
  }

  #close(): void {
    this.#depth--;
    this.#awaitsName = false;
  }

  /** Reads to the end of a string, byte by byte at its beginning, then from quote to quote. */
  #skipString(bytes: Buffer, from: number): number {
    const near = Math.min(from + SHORT_STRING, bytes.length);
    for (let at = from; at < near; at++) if (this.#endsString(bytes[at] ?? 0)) return at + 1;
    if (near === bytes.length) return near;
    const quote = bytes.indexOf(QUOTE, near);
    const end = quote === -1 ? bytes.length : quote;
    let backslashes = 0;
    while (end - backslashes > near && bytes[end - backslashes - 1] === BACKSLASH) backslashes++;
    if (backslashes === end - near && this.#isEscaped) backslashes++;
    this.#isEscaped = backslashes % 2 === 1;
    if (quote === -1) return end;
    this.#endsString(QUOTE);
    return quote + 1;
  }

  #readName(bytes: Buffer, from: number): number {
    let hash = this.#hash;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (!this.#endsString(byte)) {
        hash = (Math.imul(hash ^ byte, 0x01000193) + byte) & 0x3fffffff;
        continue;
      }
      this.#names ??= new Set();
      this.#names.add(hash);
      this.#hash = -1;
      return at + 1;
    }
    this.#hash = hash;
    return bytes.length;
  }

  /** Follows escapes, byte by byte. */
  #endsString(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) {
      this.#isInString = false;
      return true;
    }
    return false;
  }
}

/** Texts so short, and not more of them than this, are neither deep nor many values. */
const SHORT_TEXT_CHARS = 4000;
const FEW_TEXTS_CHARS = 200_000;
const PIECE_CHARS = 65_536;

/**
 * Parses JSON inside the texts of one request (arguments of tool calls, results), which is a single value as long as it
 * is a text. Undefined for what is no JSON, or would be more than all of a request may be.
 */
export function createTextParser(): (text: string) => unknown {
  const counter = new JsonCounter();
  let chars = 0;
  return (text) => {
    chars += text.length;
    const isWatched = text.length > SHORT_TEXT_CHARS || chars > FEW_TEXTS_CHARS;
    return isWatched && exceeds(counter, text) ? undefined : parseJson(text);
  };
}

/** Reads no further than it has to. */
function exceeds(counter: JsonCounter, text: string): boolean {
  counter.restart();
  for (let at = 0; at < text.length; at += PIECE_CHARS) {
    counter.read(Buffer.from(text.slice(at, at + PIECE_CHARS)));
    if (counter.isTooMuch() || counter.isTooDeep()) return true;
  }
  return false;
}

/** The error for a body with too many values. */
export function tooManyValues(): GatewayError {
  const message =
    `Invalid request body: it has more than ${MAX_VALUES} values, or ${MAX_NAMES} different names of fields. ` +
    'Send fewer at once; a long text, or a file in base64, is one value.';
  return new GatewayError('invalid_value', message);
}

/** The error for a body that is nested too deep. */
export function tooDeep(): GatewayError {
  const message = `Invalid request body: it is nested deeper than ${MAX_DEPTH} levels. Flatten it and send it again.`;
  return new GatewayError('invalid_value', message);
}
