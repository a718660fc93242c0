import { viewer } from '../../app/session.ts';
import { nameOf, pathOf, type SomeCall } from '../../feed/calls.ts';
import { CallStateWord, modelWords } from '../../parts/call-state.tsx';
import { count, duration } from '../../parts/format.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { CallTable, type Column, type RowsProps } from './call-table.tsx';
import { CancelButton } from './cancel.tsx';
import { agedRows } from './flight.ts';
import { useFlight, useSteady } from './use-flight.ts';

interface InFlightProps extends Pick<RowsProps<SomeCall>, 'isOpen' | 'onOpen'> {
  readonly isPaused: boolean;
}

/** What runs now, with a way to end it. */
export function InFlight({ isOpen, onOpen, isPaused }: InFlightProps) {
  const { flight, error, isSlow, reload } = useFlight(isPaused);
  const isAdmin = viewer.value?.is_admin === true;
  const { rows, ...holding } = useSteady(flight);
  const over = new Set(rows.filter(({ toldAt }) => toldAt === null).map(({ call }) => nameOf(call)));
  const columns = [...COLUMNS.filter(({ title }) => isAdmin || title !== 'Key'), endColumn(over, reload)];
  return (
    <section class="section" aria-labelledby="in-flight">
      <div class="heading">
        <h2 id="in-flight">
          In flight {flight && count(flight.total)}
          {flight?.isMore && '+'}
        </h2>
        {flight !== null && flight.tokensPerSecond > 0 && (
          <span class="quiet">{count(Math.round(flight.tokensPerSecond))} tok/s</span>
        )}
      </div>
      {flight === null && error === null && <Skeleton rows={2} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {flight?.total === 0 && rows.length === 0 && (
        <Empty>No call is running. The next one shows up here while it runs.</Empty>
      )}
      {rows.length > 0 && (
        <div {...holding}>
          <CallTable
            label="Calls in flight"
            rows={agedRows(rows, Date.now())}
            columns={columns}
            isOpen={isOpen}
            onOpen={onOpen}
          />
        </div>
      )}
      {flight !== null && flight.total > flight.calls.length && flight.calls.length > 0 && (
        <p class="quiet">The oldest {count(flight.calls.length)} of them are shown.</p>
      )}
    </section>
  );
}

const COLUMNS: readonly Column<SomeCall>[] = [
  { title: 'Age', cell: ({ age_ms: age }) => duration(age) },
  { title: 'Model', cell: modelWords, pathOf },
  { title: 'Key', cell: ({ key }) => key },
  { title: 'State', cell: (call) => <CallStateWord call={call} /> },
  { title: 'First token', isNumber: true, cell: ({ ttft_ms: ttft }) => duration(ttft) },
  { title: 'Tokens', isNumber: true, cell: tokenWords },
];

/** @param over names of the calls that need no end any more */
function endColumn(over: ReadonlySet<string>, reload: () => void): Column<SomeCall> {
  const cell = (call: SomeCall) =>
    over.has(nameOf(call)) ? <span class="quiet">over</span> : <CancelButton call={call} onDone={reload} />;
  return { title: 'End it', cell };
}

function tokenWords({ completion_tokens: tokens, attempts }: SomeCall): string {
  const failed = attempts.filter(({ failure }) => failure !== null);
  if (failed.length === 0) return count(tokens);
  const { kind = '', status = 0 } = failed.at(-1)?.failure ?? {};
  return `${count(tokens)} · ${status || kind} ×${failed.length}`;
}
