import type { Token, Tokens } from 'marked';

/** The beginning of a long list or table that still grows: it is not read again with each word that comes. */
export interface Begun {
  /** So many letters of the block are known. */
  readonly length: number;
  /** Stands before the rest when that is read: the head of a table, nothing for a list. */
  readonly head: string;
  /** The list or table with the items or rows that are known. */
  readonly known: Tokens.List | Tokens.Table;
}

/** So many items or rows at the end may still change, by what follows them. */
const OPEN = 16;
/** So many more are read again before they count as known. */
const PATIENCE = 32;

/** What of a block is read, when its beginning is known. @param text from the beginning of the block */
export function restOf({ head, length }: Begun, text: string): string {
  return head + text.slice(length);
}

/** The whole block out of its beginning and the rest as it was read; null where the rest makes another block of it. */
export function joined({ known, length, head }: Begun, rest: Token | undefined, text: string): Token | null {
  if (rest === undefined || rest.type !== known.type) return null;
  const raw = text.slice(0, length) + rest.raw.slice(head.length);
  if (isTable(known)) return { ...known, raw, rows: [...known.rows, ...(rest as Tokens.Table).rows] };
  const { items, loose } = rest as Tokens.List;
  // One empty line makes all items paragraphs.
  if (loose && !known.loose) return null;
  return { ...known, raw, items: [...known.items, ...(known.loose && !loose ? items.map(loosened) : items)] };
}

/** How much of a block that still grows is known from now on: as much as before, until there is a good piece more. */
export function begunBy(block: Token | undefined, before: Begun | null): Begun | null {
  const parts = block && partsOf(block);
  const known = before === null ? 0 : (partsOf(before.known)?.length ?? 0);
  if (parts === undefined || parts.length - known < OPEN + PATIENCE) return before;
  const count = parts.length - OPEN;
  if (isTable(block)) {
    const head = block.raw.slice(0, endOfLines(block.raw, 0, 2));
    const length = endOfLines(block.raw, before?.length ?? head.length, count - known);
    return { head, length, known: { ...block, rows: block.rows.slice(0, count) } };
  }
  const items = (block as Tokens.List).items.slice(0, count);
  const length = items.slice(known).reduce((sum, { raw }) => sum + raw.length, before?.length ?? 0);
  return { head: '', length, known: { ...(block as Tokens.List), items } };
}

function partsOf(block: Token): readonly unknown[] | undefined {
  return isTable(block) ? block.rows : block.type === 'list' ? (block as Tokens.List).items : undefined;
}

function isTable(block: Token | undefined): block is Tokens.Table {
  return block?.type === 'table';
}

function loosened(item: Tokens.ListItem): Tokens.ListItem {
  const tokens = item.tokens.map((token) => (token.type === 'text' ? { ...token, type: 'paragraph' } : token));
  return { ...item, loose: true, tokens };
}

/** Behind so many line breaks. */
function endOfLines(text: string, from: number, count: number): number {
  let at = from;
  for (let line = 0; line < count; line++) at = text.indexOf('\n', at) + 1;
  return at;
}
