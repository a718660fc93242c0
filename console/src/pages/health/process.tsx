import { readHealth, readLoading } from '../../feed/figures.ts';
import type { LiveState } from '../../feed/live-events.ts';
import { usePoll } from '../../feed/poll.ts';
import type { HealthBody, ShownConfig } from '../../feed/wire.ts';
import { count, duration, plural } from '../../parts/format.ts';
import { Problem, Skeleton } from '../../parts/states.tsx';

const EVERY_MS = 5000;
/** For what the live feed does not tell: how long the process has been up, and records it could not write. */
const SELDOM_MS = 30_000;
/** The answer has the files of the configuration in it, and a reload is seldom. */
const RELOAD_EVERY_MS = 30_000;

interface ProcessProps {
  readonly isAdmin: boolean;
  /** Null while it is off. */
  readonly feed: LiveState | null;
}

/** The process: how long it has run, and what in it is not as it should be. */
export function Process({ isAdmin, feed }: ProcessProps) {
  const { data, error, isSlow, reload } = usePoll(readHealth, 'health', feed === null ? EVERY_MS : SELDOM_MS);
  const lastReload = feed?.health?.reload?.at ?? '';
  const loading = usePoll(readLoading, isAdmin ? `loading ${lastReload}` : null, RELOAD_EVERY_MS);
  if (data === null && error === null) return <Skeleton rows={1} isSlow={isSlow} retry={reload} />;
  if (data === null) return error?.status === 0 ? null : <Problem message={error?.message ?? ''} retry={reload} />;
  return (
    <ul class="process" aria-label="The process">
      <li>version {data.version}</li>
      <li>up for {duration(data.uptime_seconds * 1000)}</li>
      <Load health={data} feed={feed} />
      {loading.data !== null && <Configuration loading={loading.data} now={Date.now()} />}
    </ul>
  );
}

/** What an admin is told. */
function Load({ health, feed }: { readonly health: HealthBody; readonly feed: LiveState | null }) {
  const { calls_in_flight: calls, breakers_open: counted, lost_usage_records: lost } = health;
  const told = feed?.health ?? null;
  const open = told === null ? counted : told.breakers.filter(({ state }) => state === 'open').length;
  const resting = told?.keys_resting ?? 0;
  return (
    <>
      {calls !== undefined && <li>{count(feed?.inFlight ?? calls)} in flight</li>}
      {resting > 0 && <li class="warn">{plural(resting, 'provider key')} at rest</li>}
      {open !== undefined && <Trouble of={open} one="breaker" state="open" />}
      {lost !== undefined && <Trouble of={lost} one="usage record" state="lost" />}
    </>
  );
}

function Trouble({ of: number, one, state }: { readonly of: number; readonly one: string; readonly state: string }) {
  if (number === 0)
    return (
      <li>
        no {one} {state}
      </li>
    );
  return (
    <li class="bad">
      {plural(number, one)} {state}
    </li>
  );
}

interface ConfigurationProps {
  readonly loading: Pick<ShownConfig, 'loaded_at' | 'last_reload'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

function Configuration({ loading: { loaded_at: loadedAt, last_reload: last }, now }: ConfigurationProps) {
  const ago = (at: string): string => `${duration(Math.max(0, now - Date.parse(at)))} ago`;
  if (last !== null && !last.ok)
    return (
      <li class="bad">
        reload failed {ago(last.at)}, {plural(last.problems.length, 'mistake')}; what ran before runs on
      </li>
    );
  const restart = last?.restart_needed ?? [];
  return (
    <li class={restart.length > 0 ? 'warn' : undefined}>
      configuration loaded {ago(loadedAt)}
      {restart.length > 0 && `; a restart is needed for ${restart.join(', ')}`}
    </li>
  );
}
