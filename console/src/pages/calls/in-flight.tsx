import { useRef, useState } from 'preact/hooks';
import { viewer } from '../../app/session.ts';
import { listInFlight, pathOf, type SomeCall } from '../../feed/calls.ts';
import { usePoll } from '../../feed/poll.ts';
import type { CallSummary } from '../../feed/wire.ts';
import { CallStateWord, modelWords } from '../../parts/call-state.tsx';
import { count, duration } from '../../parts/format.ts';
import { Icon } from '../../parts/icons.tsx';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { CallTable, type Column, type RowsProps } from './call-table.tsx';
import { CancelButton } from './cancel.tsx';

/** Between two looks: four updates a second would be the most that can be read. */
const EVERY_MS = 1000;

/** What runs now, with a way to end it. */
export function InFlight({ openId, onOpen }: Pick<RowsProps<SomeCall>, 'openId' | 'onOpen'>) {
  const [isPaused, pause] = useState(false);
  const isAdmin = viewer.value?.is_admin === true;
  const speed = useRef(createSpeed());
  const { data, error, isSlow, reload } = usePoll(
    async (abort) => {
      const page = await listInFlight(isAdmin, abort);
      return { ...page, tokensPerSecond: speed.current(page.data, performance.now()) };
    },
    'in-flight',
    isPaused ? null : EVERY_MS,
  );
  const columns = [...COLUMNS.filter(({ title }) => isAdmin || title !== 'Key'), endColumn(reload)];
  return (
    <section class="section" aria-labelledby="in-flight">
      <div class="heading">
        <h2 id="in-flight">
          In flight {data && count(data.data.length)}
          {data?.has_more && '+'}
        </h2>
        {data !== null && data.tokensPerSecond > 0 && (
          <span class="quiet">{count(Math.round(data.tokensPerSecond))} tok/s</span>
        )}
        <button class="button end" type="button" aria-pressed={isPaused} onClick={() => pause(!isPaused)}>
          <Icon name={isPaused ? 'play' : 'pause'} /> {isPaused ? 'Go on' : 'Pause'}
        </button>
      </div>
      {data === null && error === null && <Skeleton rows={2} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {data?.data.length === 0 && <Empty>No call is running. The next one shows up here while it runs.</Empty>}
      {data !== null && data.data.length > 0 && (
        <CallTable label="Calls in flight" rows={data.data} columns={columns} openId={openId} onOpen={onOpen} />
      )}
    </section>
  );
}

const COLUMNS: readonly Column<CallSummary>[] = [
  { title: 'Age', cell: ({ age_ms: age }) => duration(age) },
  { title: 'Model', cell: modelWords, pathOf },
  { title: 'Key', cell: ({ key }) => key },
  { title: 'State', cell: (call) => <CallStateWord call={call} /> },
  { title: 'First token', isNumber: true, cell: ({ ttft_ms: ttft }) => duration(ttft) },
  { title: 'Tokens', isNumber: true, cell: tokenWords },
];

function endColumn(reload: () => void): Column<CallSummary> {
  return { title: 'End it', cell: (call) => <CancelButton call={call} onDone={reload} /> };
}

function tokenWords({ completion_tokens: tokens, attempts }: CallSummary): string {
  const failed = attempts.filter(({ failure }) => failure !== null);
  if (failed.length === 0) return count(tokens);
  const { kind = '', status = 0 } = failed.at(-1)?.failure ?? {};
  return `${count(tokens)} · ${status || kind} ×${failed.length}`;
}

/** Tokens a second over all calls, from what has come since the last look. */
function createSpeed(): (calls: readonly CallSummary[], now: number) => number {
  let before = new Map<string, number>();
  let at = 0;
  return (calls, now) => {
    const grown = calls.map(({ id, completion_tokens: tokens }) => tokens - (before.get(id) ?? tokens));
    const sum = grown.reduce((total, tokens) => total + Math.max(0, tokens), 0);
    const perSecond = at === 0 ? 0 : (sum / (now - at)) * 1000;
    before = new Map(calls.map(({ id, completion_tokens: tokens }) => [id, tokens]));
    at = now;
    return perSecond;
  };
}
