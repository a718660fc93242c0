import { href, place } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { usePoll } from '../../feed/poll.ts';
import type { Bucket } from '../../parts/chart/columns.tsx';
import { Inks } from '../../parts/chart/inks.tsx';
import { dollarMark } from '../../parts/chart/marks.ts';
import { StackedBars } from '../../parts/chart/stacked-bars.tsx';
import { compact, count, dollars } from '../../parts/format.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { Controls } from './controls.tsx';
import { ExportButton } from './export.tsx';
import { Headline } from './headline.tsx';
import { type KnownUsage, loadUsage } from './load.ts';
import { titleOf } from './period.ts';
import { type Asker, callsPath, periodOf, type Question, readQuestion, zoneOf } from './question.ts';
import { SumsTable } from './sums-table.tsx';
import './usage.css';

const EVERY_MS = 60_000;

/** What calls used and cost: by time, and by who asked whom. */
export function UsagePage() {
  const isAdmin = viewer.value?.is_admin === true;
  const seesCalls = isAdmin || viewer.value?.manages === 'nothing';
  const asker: Asker = { ownZone: zoneOf(-new Date().getTimezoneOffset()), isAdmin, seesCalls };
  const asked = readQuestion(place.value.query, asker);
  const { data, error, isSlow, reload } = usePoll(
    (abort) => loadUsage(asked, asker, abort),
    JSON.stringify([asked, asker]),
    EVERY_MS,
  );
  const usage = data?.usage ?? null;
  const period = usage?.period ?? periodOf(asked, Date.now());
  const isOff = data !== null && usage === null;
  return (
    <>
      <div class="heading">
        <h1>Usage</h1>
        {!asker.isAdmin && <span class="quiet">what your key may see</span>}
        {usage !== null && <ExportButton key={JSON.stringify(asked)} asked={asked} period={period} />}
      </div>
      {!isOff && <Controls asked={asked} asker={asker} period={period} keys={usage?.keys ?? []} />}
      {data === null && error === null && <Skeleton rows={8} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {isOff && <UsageOff />}
      {usage !== null && <Found asked={asked} asker={asker} usage={usage} />}
    </>
  );
}

function UsageOff() {
  return (
    <Empty>
      The usage log is off: the configuration says <code>usage.store: none</code>. With <code>usage.store: sqlite</code>{' '}
      it is kept in the database, and this page shows what calls cost.
    </Empty>
  );
}

interface FoundProps {
  readonly asked: Question;
  readonly asker: Asker;
  readonly usage: KnownUsage;
}

function Found({ asked, asker, usage }: FoundProps) {
  const { period, table, cost, tokens } = usage;
  const { total } = table;
  if (total === undefined || total.calls === 0)
    return (
      <Empty>
        No calls in this time. Choose a longer one, or <a href={href('/')}>send one from Chat</a>.
      </Empty>
    );
  const buckets = period.buckets.map((bucket): Bucket => {
    const path = callsPath(asked, bucket, {}, asker);
    return { ...titleOf(bucket.name), link: path && href(path) };
  });
  return (
    <>
      <Inks />
      <Headline total={total} asked={asked} asker={asker} period={period} />
      <div class="charts">
        <StackedBars
          title={`Cost per ${period.unit}`}
          buckets={buckets}
          series={cost}
          show={dollars}
          mark={dollarMark}
        />
        <StackedBars
          title={`Tokens per ${period.unit}`}
          buckets={buckets}
          series={tokens}
          show={count}
          mark={compact}
        />
      </div>
      <section class="section" aria-labelledby="sums">
        <h2 id="sums">By {asked.split}</h2>
        <SumsTable asked={asked} asker={asker} period={period} table={table} />
        {table.has_more && (
          <p class="quiet">More than {count(table.data.length)}: choose a shorter time or one key to see the others.</p>
        )}
      </section>
    </>
  );
}
