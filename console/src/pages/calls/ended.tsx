import { useEffect, useRef, useState } from 'preact/hooks';
import { place } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { type CallPage, listEnded, ownerOf, pathOf, type SomeCall } from '../../feed/calls.ts';
import { usePoll } from '../../feed/poll.ts';
import type { EndedBody } from '../../feed/wire.ts';
import { CallStateWord, modelWords } from '../../parts/call-state.tsx';
import { clockTime, count, dollars, duration } from '../../parts/format.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { CallTable, type Column, type RowsProps } from './call-table.tsx';
import { Filters, toQuery } from './filters.tsx';

const EVERY_MS = 3000;
const PAGE_SIZE = 50;

/** What has ended, the newest first, in pages. */
export function Ended({ openId, onOpen }: Pick<RowsProps<SomeCall>, 'openId' | 'onOpen'>) {
  const isAdmin = viewer.value?.is_admin === true;
  const filters = place.value.query;
  const asked = (): URLSearchParams => toQuery(filters, isAdmin, Date.now(), PAGE_SIZE);
  // The time in the query moves on; the filters are what makes it another list.
  const key = toQuery(filters, isAdmin, 0, PAGE_SIZE).toString();
  const { data, error, isSlow, reload } = usePoll((abort) => listEnded(asked(), abort), key, EVERY_MS);
  const older = useOlder(key);
  const hold = useHold(data, key);
  const rows = withOlder(hold.shown?.data ?? [], older.rows);
  const next = older.rows.length > 0 ? older.next : (hold.shown?.next_cursor ?? null);
  return (
    <section class="section" aria-labelledby="ended">
      <div class="heading">
        <h2 id="ended">Ended</h2>
        {hold.waiting > 0 && (
          <button class="button" type="button" onClick={hold.release}>
            {hold.waiting} new
          </button>
        )}
      </div>
      <Filters isAdmin={isAdmin} />
      {data === null && error === null && <Skeleton rows={5} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {hold.shown !== null && rows.length === 0 && (
        <NoCalls isFiltered={key !== toQuery(new URLSearchParams(), isAdmin, 0, PAGE_SIZE).toString()} />
      )}
      {rows.length > 0 && (
        <div onPointerEnter={hold.begin} onPointerLeave={hold.end} onFocusCapture={hold.begin} onBlurCapture={hold.end}>
          <CallTable
            label="Ended calls"
            rows={rows}
            columns={COLUMNS.filter(({ title }) => isAdmin || title !== 'Key')}
            openId={openId}
            onOpen={onOpen}
          />
        </div>
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

function NoCalls({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Empty>No call fits these filters. Take one away to see more.</Empty>;
  return (
    <Empty>
      No calls yet. Send one:{' '}
      <code>
        curl {location.origin}/v1/chat/completions -d '
        {'{"model":"demo","messages":[{"role":"user","content":"Hello"}]}'}'
      </code>
    </Empty>
  );
}

const COLUMNS: readonly Column<EndedBody>[] = [
  { title: 'Time', cell: ({ created_at: at }) => <time dateTime={at}>{clockTime(at)}</time> },
  { title: 'Model', cell: modelWords, pathOf },
  { title: 'Key', cell: ({ key }) => key },
  { title: 'Outcome', cell: (call) => <CallStateWord call={call} /> },
  { title: 'First token', isNumber: true, cell: ({ ttft_ms: ttft }) => duration(ttft) },
  { title: 'Took', isNumber: true, cell: ({ age_ms: age }) => duration(age) },
  { title: 'Tokens', isNumber: true, cell: ({ completion_tokens: tokens }) => count(tokens) },
  { title: 'Cost', isNumber: true, cell: (call) => dollars(call.cost_usd, call.usage_source === 'estimate') },
  { title: 'Attempts', isNumber: true, cell: ({ attempt_count: attempts }) => count(attempts) },
];

/**
 * The pages after the first: asked for by hand, and kept until the filters change. Kept with them are the rows that were shown
 * before: these leave the first page as more calls end.
 */
function useOlder(key: string) {
  const none = {
    key,
    rows: [] as readonly EndedBody[],
    next: null as string | null,
    isBusy: false,
    problem: null as string | null,
  };
  const [kept, setKept] = useState(none);
  const state = kept.key === key ? kept : none;
  const load = async (query: URLSearchParams, after: string, shown: readonly EndedBody[]): Promise<void> => {
    setKept({ ...state, isBusy: true });
    query.set('after', after);
    try {
      const page = await listEnded(query);
      setKept({ key, rows: [...shown, ...page.data], next: page.next_cursor, isBusy: false, problem: null });
    } catch (error) {
      setKept({ ...state, isBusy: false, problem: (error as Error).message });
    }
  };
  return { ...state, load };
}

/** While the reader is in the table its rows stay where they are, and what is new waits. */
function useHold(latest: CallPage<EndedBody> | null, key: string) {
  const [held, setHeld] = useState<{ readonly key: string; readonly page: CallPage<EndedBody> } | null>(null);
  const now = useRef(latest);
  now.current = latest;
  useEffect(() => setHeld(null), [key]);
  const shown = held?.key === key ? held.page : latest;
  const known = new Set(shown?.data.map(identity));
  const waiting = latest?.data.filter((call) => !known.has(identity(call))).length ?? 0;
  const hold = (): void => {
    const page = now.current;
    if (page !== null) setHeld((before) => (before?.key === key ? before : { key, page }));
  };
  const release = (): void => setHeld(null);
  return { shown, waiting, begin: hold, end: release, release };
}

function withOlder(first: readonly EndedBody[], older: readonly EndedBody[]): readonly EndedBody[] {
  const known = new Set(first.map(identity));
  return [...first, ...older.filter((call) => !known.has(identity(call)))];
}

/** To the second: a call that is no longer remembered has no more in the log. */
function identity(call: EndedBody): string {
  return `${ownerOf(call)} ${call.id} ${call.created_at.slice(0, 19)}`;
}
