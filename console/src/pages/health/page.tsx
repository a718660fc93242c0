import { go, place, withQuery } from '../../app/router.ts';
import { readHealth, readPerformance } from '../../feed/figures.ts';
import { type Polled, usePoll } from '../../feed/poll.ts';
import type { HealthBody, PerformanceReport } from '../../feed/wire.ts';
import { count, duration, percent } from '../../parts/format.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import './health.css';
import { Targets } from './targets.tsx';
import { TotalsTable } from './totals-table.tsx';

const EVERY_MS = 5000;
const WINDOWS = [100, 1000, 10_000] as const;

/** How the gateway does: against its targets, by provider, by model. */
export function HealthPage() {
  const lastN = WINDOWS.find((size) => String(size) === place.value.query.get('last')) ?? 100;
  const report = usePoll((abort) => readPerformance(lastN, abort), `last ${lastN}`, EVERY_MS);
  const health = usePoll(readHealth, 'health', EVERY_MS);
  return (
    <>
      <div class="heading">
        <h1>Health</h1>
        <label class="field window">
          Of the last
          <select value={String(lastN)} onChange={(event) => go(withQuery({ last: event.currentTarget.value }), true)}>
            {WINDOWS.map((size) => (
              <option key={size} value={String(size)}>
                {count(size)} calls
              </option>
            ))}
          </select>
        </label>
      </div>
      <Process health={health} />
      <Report report={report} />
    </>
  );
}

function Process({ health: { data, error, isSlow, reload } }: { readonly health: Polled<HealthBody> }) {
  if (data === null && error === null) return <Skeleton rows={2} isSlow={isSlow} retry={reload} />;
  if (data === null) return error?.status === 0 ? null : <Problem message={error?.message ?? ''} retry={reload} />;
  const lost = data.lost_usage_records ?? 0;
  const open = data.breakers_open ?? 0;
  return (
    <ul class="process" aria-label="The process">
      <li>version {data.version}</li>
      <li>up for {duration(data.uptime_seconds * 1000)}</li>
      {data.calls_in_flight !== undefined && <li>{count(data.calls_in_flight)} in flight</li>}
      {data.breakers_open !== undefined && (
        <li class={open > 0 ? 'bad' : undefined}>{open === 0 ? 'no breaker open' : `${count(open)} breakers open`}</li>
      )}
      {lost > 0 && <li class="bad">{count(lost)} usage records could not be written</li>}
    </ul>
  );
}

function Report({ report: { data, error, isSlow, reload } }: { readonly report: Polled<PerformanceReport> }) {
  if (data === null && error === null) return <Skeleton rows={6} isSlow={isSlow} retry={reload} />;
  return (
    <>
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {data !== null && (
        <>
          <section class="section" aria-labelledby="targets">
            <h2 id="targets">Targets</h2>
            <Targets goals={data.targets} />
          </section>
          {data.calls === 0 ? (
            <Empty>No calls yet: there is nothing to judge. The first one shows up here.</Empty>
          ) : (
            <Tables data={data} />
          )}
        </>
      )}
    </>
  );
}

function Tables({ data }: { readonly data: PerformanceReport }) {
  const { calls, errors, retries, tokens } = data;
  return (
    <>
      <p class="quiet">
        {count(calls)} calls, {count(errors.count)} failed ({percent(errors.rate)}), {count(retries.count)} retries,{' '}
        {count(tokens.prompt)} tokens in, {count(tokens.completion)} out
      </p>
      <section class="section" aria-labelledby="by-provider">
        <h2 id="by-provider">By provider</h2>
        <TotalsTable title="Provider" filter="provider" totals={data.by_provider} />
      </section>
      <section class="section" aria-labelledby="by-model">
        <h2 id="by-model">By model</h2>
        <TotalsTable title="Model" filter="model" totals={data.by_model} />
      </section>
    </>
  );
}
