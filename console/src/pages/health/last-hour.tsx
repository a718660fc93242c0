import { readLastHour } from '../../feed/figures.ts';
import { usePoll } from '../../feed/poll.ts';
import type { Goals, PerformanceBucket } from '../../feed/wire.ts';
import type { Bucket } from '../../parts/chart/columns.tsx';
import { type Goal, Lines } from '../../parts/chart/lines.tsx';
import { timeMark } from '../../parts/chart/marks.ts';
import type { Series } from '../../parts/chart/scale.ts';
import { duration } from '../../parts/format.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';

const EVERY_MS = 15_000;

/** How fast answers came in each minute of the last hour, with what is wanted of them. */
export function LastHour({ goals }: { readonly goals: Goals }) {
  const { data, error, isSlow, reload } = usePoll(readLastHour, 'hour', EVERY_MS);
  if (data === null && error === null) return <Skeleton rows={4} isSlow={isSlow} retry={reload} />;
  return (
    <section class="section" aria-label="The last hour">
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {data !== null && <Charts minutes={data} goals={goals} />}
    </section>
  );
}

function Charts({ minutes, goals }: { readonly minutes: readonly PerformanceBucket[]; readonly goals: Goals }) {
  if (minutes.every(({ calls }) => calls === 0)) return <Empty>No call has ended within the last hour.</Empty>;
  const buckets = minutes.map(({ at }): Bucket => ({ title: minuteOf(at), short: minuteOf(at), link: null }));
  return (
    <div class="charts">
      <Lines
        title="First token, by minute"
        buckets={buckets}
        series={seriesOf(minutes, 'ttft')}
        goals={[goalOf(P95, goals.ttft_p95.target)]}
        show={duration}
        mark={timeMark}
      />
      <Lines
        title="Whole answer, by minute"
        buckets={buckets}
        series={seriesOf(minutes, 'latency')}
        goals={[goalOf(P95, goals.latency_p95.target), goalOf(P50, goals.latency_p50.target)]}
        show={duration}
        mark={timeMark}
      />
    </div>
  );
}

/** Their places among the lines. */
const P95 = 0;
const P50 = 1;
const NAMES = ['p95', 'p50'] as const;

function seriesOf(minutes: readonly PerformanceBucket[], what: 'ttft' | 'latency'): readonly Series[] {
  return NAMES.map((name) => ({ name, values: minutes.map((minute) => minute[what][name]) }));
}

function goalOf(series: typeof P95 | typeof P50, target: number): Goal {
  return { series, value: target, words: `goal ${NAMES[series]} ≤ ${duration(target)}` };
}

function minuteOf(at: string): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
