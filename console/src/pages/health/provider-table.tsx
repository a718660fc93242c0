import type { ComponentChildren } from 'preact';
import { href } from '../../app/router.ts';
import type { CallTotals, ProviderBody } from '../../feed/wire.ts';
import { clockTime } from '../../parts/clock.ts';
import { type ColumnHead, ColumnHeads } from '../../parts/column-heads.tsx';
import { count, duration, percent, plural } from '../../parts/format.ts';
import { Icon } from '../../parts/icons.tsx';

interface ProviderTableProps {
  readonly providers: readonly ProviderBody[];
  /** By the name of the provider. */
  readonly totals: Readonly<Record<string, CallTotals>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Row {
  readonly provider: ProviderBody;
  readonly totals: CallTotals | undefined;
  readonly now: number;
}

interface ProviderColumn extends ColumnHead {
  readonly cell: (row: Row) => ComponentChildren;
}

const COLUMNS: readonly ProviderColumn[] = [
  { title: 'Keys', cell: ({ provider }) => <Keys provider={provider} /> },
  { title: 'In flight', isNumber: true, cell: ({ provider }) => count(provider.in_flight) },
  { title: 'Calls', isNumber: true, cell: ({ totals }) => count(totals?.calls ?? 0) },
  { title: 'Errors', isNumber: true, cell: ({ totals }) => percent(totals?.errors.rate) },
  { title: 'First token p95', isNumber: true, cell: ({ totals }) => duration(totals?.ttft.p95) },
  { title: 'Answer p95', isNumber: true, cell: ({ totals }) => duration(totals?.latency.p95) },
  { title: 'Breakers', cell: ({ provider }) => <Breakers provider={provider} /> },
  { title: 'Last failure', cell: ({ provider, now }) => <LastFailure provider={provider} now={now} /> },
];

/** Every provider of the configuration with how it is doing; each name leads to its calls. */
export function ProviderTable({ providers, totals, now }: ProviderTableProps) {
  return (
    <table class="cards" aria-label="Providers">
      <thead>
        <tr>
          <th scope="col">Provider</th>
          <ColumnHeads columns={COLUMNS} />
        </tr>
      </thead>
      <tbody>
        {providers.map((provider) => (
          <tr key={provider.name}>
            <td data-label="Provider">
              <a href={href(`/calls?${new URLSearchParams({ provider: provider.name })}`)}>{provider.name}</a>
            </td>
            {COLUMNS.map(({ title, isNumber, cell }) => (
              <td key={title} data-label={title} class={isNumber ? 'number' : undefined}>
                {cell({ provider, totals: totals[provider.name], now })}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Keys({ provider: { configured, env, keys } }: Pick<Row, 'provider'>) {
  if (!configured)
    return (
      <span class="quiet">
        none set{env !== null && ': '}
        {env !== null && <code>{env}</code>}
      </span>
    );
  if (keys.total === 0) return <span class="quiet">wants none</span>;
  return (
    <span>
      {count(keys.total)}
      {keys.resting > 0 && <span class="warn">, {count(keys.resting)} resting</span>}
    </span>
  );
}

/** Those that are not closed, by name; the others need no eye. */
function Breakers({ provider: { name, targets } }: Pick<Row, 'provider'>) {
  const notClosed = targets.filter(({ breaker }) => breaker !== 'closed');
  if (targets.length === 0) return <>–</>;
  if (notClosed.length === 0) return <span class="quiet">{plural(targets.length, 'target')}, none open</span>;
  return (
    <span>
      {notClosed.map(({ target, breaker, until }) => (
        <span key={target} class={`next ${breaker === 'open' ? 'bad' : 'warn'}`}>
          <Icon name={breaker === 'open' ? 'cross' : 'wait'} /> {target.replace(`${name}/`, '')} {breaker}
          {until !== null && ` until ${clockTime(until)}`}
        </span>
      ))}
    </span>
  );
}

function LastFailure({ provider: { last_failure: failure }, now }: Pick<Row, 'provider' | 'now'>) {
  if (failure === null) return <>–</>;
  const { status, kind, target, at } = failure;
  return (
    <span title={target}>
      {status > 0 && `${status} `}
      {kind}, <time dateTime={at}>{duration(Math.max(0, now - Date.parse(at)))} ago</time>
    </span>
  );
}
