import { useState } from 'preact/hooks';
import { ColumnHeads } from '../column-heads.tsx';
import type { Bucket } from './columns.tsx';
import { isEstimatedAt, type Series, totalAt } from './scale.ts';

interface FiguresProps {
  readonly title: string;
  readonly buckets: readonly Bucket[];
  readonly series: readonly Series[];
  readonly show: (value: number | null, isEstimate?: boolean) => string;
  /** Whether all series together are something. */
  readonly hasTotal: boolean;
}

/** What a chart draws, as a table: for who does not see it, and for who wants the numbers. */
export function Figures({ title, buckets, series, show, hasTotal }: FiguresProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Figures</summary>
      {isOpen && (
        <table class="cards" aria-label={`${title}, figures`}>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <ColumnHeads columns={series.map(({ name }) => ({ title: name, isNumber: true }))} />
              {hasTotal && <ColumnHeads columns={[{ title: 'Together', isNumber: true }]} />}
            </tr>
          </thead>
          <tbody>
            {buckets.map((bucket, at) => (
              <tr key={bucket.title}>
                <td data-label="Time">
                  {bucket.link === null ? bucket.title : <a href={bucket.link}>{bucket.title}</a>}
                </td>
                {series.map((one) => (
                  <td key={one.name} class="number" data-label={one.name}>
                    {show(one.values[at] ?? null, isEstimatedAt(one, at))}
                  </td>
                ))}
                {hasTotal && (
                  <td class="number" data-label="Together">
                    {show(
                      totalAt(series, at),
                      series.some((one) => isEstimatedAt(one, at)),
                    )}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
