import { go, href, place, withQuery } from '../../app/router.ts';
import type { KeyFilter } from '../../feed/keys.ts';
import { count } from '../../parts/format.ts';

/** Rows of a page. */
export const PAGE_SIZE = 50;

/** Which keys are meant, as the address of the page says. */
export function filterIn(query: URLSearchParams): KeyFilter {
  return {
    words: query.get('q') ?? '',
    org: query.get('org') ?? '',
    withDisabled: query.get('disabled') !== 'hidden',
  };
}

/** Which page, from 1. */
export function pageIn(query: URLSearchParams): number {
  const page = Number(query.get('page') ?? 1);
  return Number.isInteger(page) && page >= 1 && page <= 1_000_000 ? page : 1;
}

/** What is looked for, kept in the address. */
export function Filters({ orgs }: { readonly orgs: readonly string[] }) {
  const { words, org, withDisabled } = filterIn(place.value.query);
  const choose = (name: string, value: string): void => go(withQuery({ [name]: value.trim(), page: null }), true);
  return (
    <form class="filters" aria-label="Filter the keys" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        Name or hash
        <input type="search" value={words} onChange={(event) => choose('q', event.currentTarget.value)} />
      </label>
      <label class="field">
        Organisation
        <input
          type="text"
          list="known-orgs"
          value={org}
          onChange={(event) => choose('org', event.currentTarget.value)}
        />
      </label>
      <label class="field">
        State
        <select
          value={withDisabled ? '' : 'hidden'}
          onChange={(event) => choose('disabled', event.currentTarget.value)}
        >
          <option value="">all</option>
          <option value="hidden">without disabled ones</option>
        </select>
      </label>
      <datalist id="known-orgs">
        {orgs.map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
    </form>
  );
}

/** The way through the pages; nothing where all is on one. */
export function Pager({ total }: { readonly total: number }) {
  const page = pageIn(place.value.query);
  const pages = Math.max(1, Math.ceil(total / PAGE_SIZE));
  if (pages === 1 && page === 1) return null;
  const first = (page - 1) * PAGE_SIZE;
  return (
    <nav class="pager" aria-label="Pages of keys">
      {page > 1 && <a href={href(withQuery({ page: page === 2 ? null : String(page - 1) }))}>Newer keys</a>}
      <span>
        {count(Math.min(total, first + 1))} to {count(Math.min(total, first + PAGE_SIZE))} of {count(total)}
      </span>
      {page < pages && <a href={href(withQuery({ page: String(page + 1) }))}>Older keys</a>}
    </nav>
  );
}
