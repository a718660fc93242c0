import { place } from '../../app/router.ts';
import type { Listed } from '../../feed/keys.ts';
import type { Polled } from '../../feed/poll.ts';
import type { KeyBody } from '../../feed/wire.ts';
import { count } from '../../parts/format.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { Filters, filterIn, Pager } from './filters.tsx';
import { KeyTable } from './key-table.tsx';

interface KeyListProps {
  readonly list: Polled<Listed<KeyBody>>;
  /** Ids to pick from. */
  readonly orgs: readonly string[];
  readonly openHash: string | null;
}

/** Keys made at run time, a page of them, with what is looked for. */
export function KeyList({ list: { data, error, isSlow, reload }, orgs, openHash }: KeyListProps) {
  return (
    <section class="section" aria-labelledby="made-keys">
      <h2 id="made-keys">Made at run time {data !== null && <span class="quiet">{count(data.total)}</span>}</h2>
      <Filters orgs={orgs} />
      {data === null && error === null && <Skeleton rows={6} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {data?.data.length === 0 && <None total={data.total} />}
      {data !== null && data.data.length > 0 && <KeyTable keys={data.data} openHash={openHash} />}
      {data !== null && <Pager total={data.total} />}
    </section>
  );
}

function None({ total }: { readonly total: number }) {
  const { words, org, withDisabled } = filterIn(place.value.query);
  if (total > 0) return <Empty>This page is past the last key.</Empty>;
  if (words !== '' || org !== '' || !withDisabled)
    return <Empty>No key fits these filters. Take one away to see more.</Empty>;
  return <Empty>No key was made yet. “New key” makes one; its secret is shown once.</Empty>;
}
