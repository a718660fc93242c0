import { href, place, withQuery } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { ownerOf, pathOf, type SomeCall } from '../../feed/calls.ts';
import type { EndedBody } from '../../feed/wire.ts';
import { CallStateWord, modelWords } from '../../parts/call-state.tsx';
import { dayAndTime } from '../../parts/clock.ts';
import { count, dollars, duration } from '../../parts/format.ts';
import { later } from '../../parts/later.tsx';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { CallTable, type Column, type RowsProps } from './call-table.tsx';
import { withOthers } from './ended-list.ts';
import { Filters } from './filters.tsx';
import { toQuery } from './query.ts';
import { useHold, useLatest, useOlder } from './use-ended.ts';

const NoCalls = later(async () => (await import('./no-calls.tsx')).NoCalls);

const PAGE_SIZE = 50;

interface EndedProps extends Pick<RowsProps<SomeCall>, 'isOpen' | 'onOpen'> {
  readonly isPaused: boolean;
}

/** What has ended, the newest first, in pages. */
export function Ended({ isOpen, onOpen, isPaused }: EndedProps) {
  const isAdmin = viewer.value?.is_admin === true;
  const filters = place.value.query;
  const asked = (): URLSearchParams => toQuery(filters, isAdmin, Date.now(), PAGE_SIZE);
  // The time in the query moves on; the filters are what makes it another list.
  const key = toQuery(filters, isAdmin, 0, PAGE_SIZE).toString();
  const { data, error, isSlow, reload } = useLatest(asked, key);
  const older = useOlder(key);
  const hold = useHold(data, key, isPaused);
  const rows = withOthers(hold.shown?.data ?? [], older.rows);
  const next = older.rows.length > 0 ? older.next : (hold.shown?.next_cursor ?? null);
  return (
    <section
      class="section"
      aria-labelledby="ended"
      // With the button for what is new: it would go away under the pointer that comes for it.
      onPointerEnter={hold.begin}
      onPointerLeave={hold.end}
      onFocusCapture={hold.begin}
      onBlurCapture={hold.end}
    >
      <div class="heading">
        <h2 id="ended">Ended</h2>
        {hold.waiting > 0 && (
          <button class="button" type="button" onClick={hold.show}>
            {hold.waiting} new
          </button>
        )}
      </div>
      <Filters isAdmin={isAdmin} />
      {data === null && error === null && <Skeleton rows={5} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {hold.shown !== null && rows.length === 0 && (
        <Nothing isFiltered={key !== toQuery(new URLSearchParams(), isAdmin, 0, PAGE_SIZE).toString()} />
      )}
      {rows.length > 0 && (
        <CallTable
          label="Ended calls"
          rows={rows}
          columns={COLUMNS.filter(({ title }) => isAdmin || title !== 'Key')}
          isOpen={isOpen}
          onOpen={onOpen}
        />
      )}
      {next !== null && (
        <button class="button" type="button" disabled={older.isBusy} onClick={() => older.load(asked(), next, rows)}>
          Older calls
        </button>
      )}
      {older.problem && (
        <p class="problem" role="alert">
          {older.problem}
        </p>
      )}
    </section>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? <Empty>No call fits these filters. Take one away to see more.</Empty> : <NoCalls />;
}

/** Narrows the list to this key: one that was made at run time is found by its hash, which nobody types. */
function KeyLink({ call }: { readonly call: EndedBody }) {
  return (
    <a href={href(withQuery({ key: ownerOf(call) }))} title="Only calls of this key">
      {call.key}
    </a>
  );
}

const COLUMNS: readonly Column<EndedBody>[] = [
  { title: 'Time', cell: ({ created_at: at }) => <time dateTime={at}>{dayAndTime(at, Date.now())}</time> },
  { title: 'Model', cell: modelWords, pathOf },
  { title: 'Key', cell: (call) => <KeyLink call={call} /> },
  { title: 'Outcome', cell: (call) => <CallStateWord call={call} /> },
  { title: 'First token', isNumber: true, cell: ({ ttft_ms: ttft }) => duration(ttft) },
  { title: 'Took', isNumber: true, cell: ({ age_ms: age }) => duration(age) },
  {
    title: 'Tokens',
    isNumber: true,
    cell: ({ completion_tokens: tokens, usage_source: source }) => count(tokens, source === 'estimate'),
  },
  { title: 'Cost', isNumber: true, cell: (call) => dollars(call.cost_usd, call.cost_source === 'estimate') },
  { title: 'Attempts', isNumber: true, cell: ({ attempt_count: attempts }) => count(attempts) },
];
