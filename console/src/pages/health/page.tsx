import { useEffect } from 'preact/hooks';
import { go, place, withQuery } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { listProviders, readPerformance } from '../../feed/figures.ts';
import { live } from '../../feed/live-state.ts';
import { type Polled, usePoll } from '../../feed/poll.ts';
import type { PerformanceReport, ProviderBody } from '../../feed/wire.ts';
import { count, percent, plural } from '../../parts/format.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import './health.css';
import { LastHour } from './last-hour.tsx';
import { Process } from './process.tsx';
import { ProviderTable } from './provider-table.tsx';
import { Targets } from './targets.tsx';
import { TotalsTable } from './totals-table.tsx';

const EVERY_MS = 5000;
/** The live feed tells of so many. */
const LIVE_CALLS = 100;
const WINDOWS = [100, 1000, 10_000] as const;

/** How the gateway does: against its targets, by provider, by model. */
export function HealthPage() {
  const lastN = WINDOWS.find((size) => String(size) === place.value.query.get('last')) ?? 100;
  const report = useReport(lastN);
  const isAdmin = viewer.value?.is_admin === true;
  const providers = usePoll(listProviders, isAdmin ? 'providers' : null, EVERY_MS);
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
      <Process isAdmin={isAdmin} feed={live.value} />
      <Report report={report} providers={isAdmin ? providers : null} />
    </>
  );
}

/** Held against the targets as the live feed tells it; of more calls than it sums up, asked for when it tells anything new. */
function useReport(lastN: number): Polled<PerformanceReport> {
  const feed = live.value;
  const told = lastN === LIVE_CALLS ? (feed?.performance ?? null) : null;
  const key = told === null ? `last ${lastN}` : null;
  const polled = usePoll((abort) => readPerformance(lastN, abort), key, feed === null ? EVERY_MS : null);
  useEffect(() => {
    if (polled.data !== null) polled.reload();
  }, [feed?.performance]);
  return told === null ? polled : { ...polled, data: told, error: null };
}

interface ReportProps {
  readonly report: Polled<PerformanceReport>;
  /** Null where the reader may not see them. */
  readonly providers: Polled<readonly ProviderBody[]> | null;
}

function Report({ report: { data, error, isSlow, reload }, providers }: ReportProps) {
  if (data === null && error === null) return <Skeleton rows={6} isSlow={isSlow} retry={reload} />;
  return (
    <>
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {data !== null && (
        <section class="section" aria-labelledby="targets">
          <h2 id="targets">Targets</h2>
          <Targets goals={data.targets} />
          {data.calls === 0 ? (
            <Empty>No calls yet: there is nothing to judge. The first one shows up here.</Empty>
          ) : (
            <Sums data={data} />
          )}
        </section>
      )}
      {data !== null && data.calls > 0 && <LastHour goals={data.targets} />}
      {providers !== null && <Providers providers={providers} totals={data?.by_provider ?? {}} />}
      {data !== null && data.calls > 0 && <ByName data={data} withProviders={providers === null} />}
    </>
  );
}

function Sums({ data: { calls, errors, retries, tokens } }: { readonly data: PerformanceReport }) {
  return (
    <p class="quiet">
      {plural(calls, 'call')}, {plural(errors.count, 'error')} ({percent(errors.rate)}; a request that was wrong itself
      is none), {count(retries.count)} retries, {count(tokens.prompt)} tokens in, {count(tokens.completion)} out
    </p>
  );
}

interface ProvidersProps {
  readonly providers: Polled<readonly ProviderBody[]>;
  readonly totals: PerformanceReport['by_provider'];
}

function Providers({ providers: { data, error, isSlow, reload }, totals }: ProvidersProps) {
  return (
    <section class="section" aria-labelledby="providers">
      <h2 id="providers">Providers</h2>
      {data === null && error === null && <Skeleton rows={3} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {data !== null && <ProviderTable providers={data} totals={totals} now={Date.now()} />}
    </section>
  );
}

/** @param withProviders where the reader sees no table of theirs */
function ByName({ data, withProviders }: { readonly data: PerformanceReport; readonly withProviders: boolean }) {
  return (
    <>
      {withProviders && (
        <section class="section" aria-labelledby="by-provider">
          <h2 id="by-provider">By provider</h2>
          <TotalsTable title="Provider" filter="provider" totals={data.by_provider} />
        </section>
      )}
      <section class="section" aria-labelledby="by-model">
        <h2 id="by-model">By model</h2>
        <TotalsTable title="Model" filter="model" totals={data.by_model} />
      </section>
    </>
  );
}
