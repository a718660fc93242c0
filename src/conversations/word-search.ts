import type { WordSearch } from './conversations.ts';

/** FTS5: quoted terms stand for themselves, `*` for any end. */
export const SQLITE_SEARCH: WordSearch = {
  condition: 'words MATCH ?',
  toQuery: (terms) => terms.map((term) => `"${term}"*`).join(' AND '),
};

/** Postgres' own search, without any language's endings. */
export const POSTGRES_SEARCH: WordSearch = {
  condition: "tokens @@ to_tsquery('simple', ?)",
  toQuery: (terms) => terms.map((term) => `${term}:*`).join(' & '),
};

/** More would be no search any more. */
const MAX_TERMS = 20;

/** The words of a query: letters and digits, so that neither engine takes one of them for its own syntax. */
export function termsOf(query: string): readonly string[] {
  return [...query.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)].slice(0, MAX_TERMS).map(([term]) => term);
}
