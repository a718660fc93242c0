import { Lexer, type Token, type Tokens, type TokensList } from 'marked';

/** A block of a text: its key stays while it grows and when it is settled. */
export interface Block {
  readonly key: number;
  readonly token: Token;
}

/** A text that grows, as blocks. Only what follows the last settled block is read again. */
export class BlockStream {
  #text = '';
  #settledLength = 0;
  readonly #settled: Block[] = [];
  #links: TokensList['links'] = {};

  /** Takes the whole text so far, which begins as the one before did; another text begins anew. */
  read(text: string): readonly Block[] {
    if (!text.startsWith(this.#text)) this.#reset();
    this.#text = text;
    const lexer = new Lexer();
    // A link may be defined far above.
    lexer.tokens.links = { ...this.#links };
    const tokens = tokensOf(lexer, text.slice(this.#settledLength));
    this.#links = { ...lexer.tokens.links };
    const open: Block[] = tokens.map((token, at) => ({ key: this.#settled.length + at, token }));
    // After an empty line a list may go on: only another block settles it.
    const last = tokens.findLastIndex(({ type }) => type !== 'space');
    for (const block of open.slice(0, Math.max(0, last))) {
      this.#settled.push(block);
      this.#settledLength += block.token.raw.length;
    }
    return [...this.#settled, ...open.slice(Math.max(0, last))];
  }

  #reset(): void {
    this.#settledLength = 0;
    this.#settled.length = 0;
    this.#links = {};
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
