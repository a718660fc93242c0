const HOURS = { hour: 1, day: 24, week: 168 } as const;

/** What a filter may be, by its name in the address: the gateway refuses what is otherwise. */
const FILTERS = {
  since: /^(hour|day|week)$/,
  from: /^\d{9,11}$/,
  to: /^\d{9,11}$/,
  outcome: /^(completed|failed|cancelled)$/,
  model: /^.{1,256}$/s,
  answered_by: /^.{1,256}$/s,
  provider: /^.{1,256}$/s,
  key: /^.{1,256}$/s,
  error_code: /^[a-z0-9_]{1,256}$/,
  id: /^.{1,256}$/s,
  slower_than_ms: /^\d{1,9}$/,
  unknown_cost: /^true$/,
} as const satisfies Readonly<Record<string, RegExp>>;

type FilterName = keyof typeof FILTERS;

/** The filters of an address that mean something. */
export type CallFilters = Readonly<Partial<Record<FilterName, string>>>;

/** Reads them; what does not parse is as if it were not there, so that the page can be gone on with. */
export function readFilters(address: URLSearchParams): CallFilters {
  const known = Object.entries(FILTERS).flatMap(([name, pattern]) => {
    const value = address.get(name);
    return value !== null && pattern.test(value) ? [[name, value] as const] : [];
  });
  const filters: CallFilters = Object.fromEntries(known);
  const { since, from, to, ...others } = filters;
  // A time that ends before it begins is none.
  if (from !== undefined && to !== undefined && Number(from) >= Number(to)) return others;
  // Another page led here with its time.
  if (from !== undefined || to !== undefined) return { ...others, ...(from && { from }), ...(to && { to }) };
  return filters;
}

/** The query of the API for the filters in the address of the page. @param now milliseconds since the epoch */
export function toQuery(address: URLSearchParams, isAdmin: boolean, now: number, limit: number): URLSearchParams {
  const { since, key, ...filters } = readFilters(address);
  const query = new URLSearchParams({ limit: String(limit), ...filters });
  if (isAdmin && key !== undefined) query.set('key', key);
  else if (isAdmin) query.set('all', 'true');
  const hours = HOURS[since as keyof typeof HOURS];
  // Unix seconds; of no particular moment where only the filters matter.
  if (hours !== undefined) query.set('from', String(now === 0 ? hours : Math.floor(now / 1000) - hours * 3600));
  return query;
}
