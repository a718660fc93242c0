import { href } from '../../app/router.ts';
import type { CallTotals } from '../../feed/wire.ts';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { count, duration, percent } from '../../parts/format.ts';

interface TotalsProps {
  readonly title: string;
  /** What the rows are of. */
  readonly filter: 'provider' | 'model';
  readonly totals: Readonly<Record<string, CallTotals>>;
}

const COLUMNS: readonly (readonly [title: string, cell: (totals: CallTotals) => string])[] = [
  ['Calls', ({ calls }) => count(calls)],
  ['Errors', ({ errors }) => percent(errors.rate)],
  ['First token p50', ({ ttft }) => duration(ttft.p50)],
  ['First token p95', ({ ttft }) => duration(ttft.p95)],
  ['Answer p50', ({ latency }) => duration(latency.p50)],
  ['Answer p95', ({ latency }) => duration(latency.p95)],
  ['Tokens', ({ tokens }) => count(tokens.total)],
];

/** The filters of the ended calls for these sums: a model counts where it answered. */
const FILTERS = { provider: 'provider', model: 'answered_by' } as const;

/** Sums by name, the busiest first; each name leads to its calls. */
export function TotalsTable({ title, filter, totals }: TotalsProps) {
  const rows = Object.entries(totals).sort(([, one], [, other]) => other.calls - one.calls);
  return (
    <table class="cards" aria-label={`Calls by ${filter}`}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <ColumnHeads columns={COLUMNS.map(([name]) => ({ title: name, isNumber: true }))} />
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, sums]) => (
          <tr key={name}>
            <td data-label={title}>
              <a href={href(`/calls?${new URLSearchParams({ [FILTERS[filter]]: name })}`)}>{name}</a>
            </td>
            {COLUMNS.map(([column, cell]) => (
              <td key={column} class="number" data-label={column}>
                {cell(sums)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
