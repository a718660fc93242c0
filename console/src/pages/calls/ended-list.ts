import { type CallPage, ownerOf, type SomeCall } from '../../feed/calls.ts';
import type { EndedBody } from '../../feed/wire.ts';

/** To the second: a call that is no longer remembered has no more in the log. */
export function identity(call: SomeCall): string {
  return `${ownerOf(call)} ${call.id} ${secondOf(call)}`;
}

/** Both lists without doubles: of what is in both, the first. */
export function withOthers(first: readonly EndedBody[], others: readonly EndedBody[]): readonly EndedBody[] {
  const known = new Set(first.map(identity));
  return [...first, ...others.filter((call) => !known.has(identity(call)))];
}

/**
 * The first page as it would be asked for now: with what the feed has told of since, in the order of the log.
 * @param told ended calls, the newest first @param query of the page, by the names of the API
 */
export function withTold(
  page: CallPage<EndedBody>,
  told: readonly EndedBody[],
  query: URLSearchParams,
): CallPage<EndedBody> {
  const last = page.data.at(-1);
  // What would stand on a later page is asked for with that.
  const isOfPage = (call: EndedBody): boolean =>
    !page.has_more || last === undefined || secondOf(call) >= secondOf(last);
  const known = new Set(page.data.map(identity));
  const fresh = told.filter((call) => matches(call, query) && isOfPage(call) && !known.has(identity(call)));
  const data = [...fresh, ...page.data].sort((one, other) => secondOf(other).localeCompare(secondOf(one)));
  return { ...page, data };
}

/** Whether the gateway would list the call for this query. */
function matches(call: EndedBody, query: URLSearchParams): boolean {
  const { id, model, provider, state, error, age_ms: age, created_at: at } = call;
  const facts = { id, answered_by: model, provider, outcome: state, error_code: error?.code, key: ownerOf(call) };
  const isMeant = Object.entries(facts).every(([name, value]) => [null, value].includes(query.get(name)));
  const asked = query.get('model');
  const hasNoPrice = call.usage_source !== null && call.cost_usd === null;
  const slower = query.get('slower_than_ms');
  const [from, to] = [query.get('from'), query.get('to')];
  const second = Math.floor(Date.parse(at) / 1000);
  return (
    isMeant &&
    (asked === null || asked === model || asked === call.requested_model) &&
    (hasNoPrice || query.get('unknown_cost') === null) &&
    (slower === null || age > Number(slower)) &&
    (from === null || second >= Number(from)) &&
    (to === null || second < Number(to))
  );
}

/** The log knows times to the second. */
function secondOf({ created_at: at }: SomeCall): string {
  return at.slice(0, 19);
}
