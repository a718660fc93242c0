import { Lexer, type Token, type Tokens, type TokensList } from 'marked';
import { late } from '../parts/late.ts';
import type { Begun } from './begun.ts';

/** Most answers have no block of more letters. */
const LONG = 1000;

/** How a long block is read in parts: loaded with the first one, which is read as a whole until then. */
export const reader = late(() => import('./begun.ts'));

/** A block of a text: its key stays while it grows and when it is settled. */
export interface Block {
  readonly key: number;
  readonly token: Token;
}

/** A text that grows, as blocks. Only what follows the last settled block is read again, of a long list or table its end. */
export class BlockStream {
  #text = '';
  #settledLength = 0;
  readonly #settled: Block[] = [];
  #links: TokensList['links'] = {};
  /** Of the block after the settled ones; null where that is short, or has no parts. */
  #begun: Begun | null = null;

  /** Takes the whole text so far, which begins as the one before did; another text begins anew. */
  read(text: string): readonly Block[] {
    if (!text.startsWith(this.#text)) this.#reset();
    this.#text = text;
    const tokens = this.#readOpen(text.slice(this.#settledLength));
    const open: Block[] = tokens.map((token, at) => ({ key: this.#settled.length + at, token }));
    // After an empty line a list may go on: only another block settles it.
    const last = Math.max(
      0,
      tokens.findLastIndex(({ type }) => type !== 'space'),
    );
    for (const block of open.splice(0, last)) {
      this.#settled.push(block);
      this.#settledLength += block.token.raw.length;
      this.#begun = null;
    }
    const growing = tokens[last];
    if ((growing?.raw.length ?? 0) > LONG) reader.want();
    this.#begun = reader.loaded.peek()?.begunBy(growing, this.#begun) ?? null;
    return [...this.#settled, ...open];
  }

  /** @param text from the first block that is not settled */
  #readOpen(text: string): readonly Token[] {
    const parts = reader.loaded.peek();
    if (this.#begun !== null && parts !== null) {
      const [first, ...others] = this.#lex(parts.restOf(this.#begun, text));
      const whole = parts.joined(this.#begun, first, text);
      if (whole !== null) return [whole, ...others];
      this.#begun = null;
    }
    return this.#lex(text);
  }

  #lex(text: string): readonly Token[] {
    const lexer = new Lexer();
    // A link may be defined far above.
    lexer.tokens.links = { ...this.#links };
    const tokens = tokensOf(lexer, text);
    this.#links = { ...lexer.tokens.links };
    return tokens;
  }

  #reset(): void {
    this.#settledLength = 0;
    this.#settled.length = 0;
    this.#links = {};
    this.#begun = null;
  }
}

/** What is nested deeper stays as it is written: a model may nest what no stack is deep enough for. */
const MAX_DEPTH = 100;

function tokensOf(lexer: Lexer, text: string): readonly Token[] {
  try {
    return lexer.lex(text).map((token) => (isDeeperThan(MAX_DEPTH, token) ? asWritten(token.raw) : token));
  } catch (error) {
    if (error instanceof RangeError) return [asWritten(text)];
    throw error;
  }
}

function isDeeperThan(depth: number, token: Token): boolean {
  if (depth === 0) return true;
  const { tokens = [], items = [], header = [], rows = [] } = token as Tokens.Generic;
  return [tokens, items, header, ...rows].flat().some((inner: Token) => isDeeperThan(depth - 1, inner));
}

function asWritten(raw: string): Token {
  return { type: 'plain', raw };
}
