import type { ComponentChildren } from 'preact';
import { href } from '../../app/router.ts';
import type { ModelObject, PerformanceReport } from '../../feed/wire.ts';
import { type ColumnHead, ColumnHeads } from '../../parts/column-heads.tsx';
import { count, duration, percent } from '../../parts/format.ts';
import { nextPrice, priceNow, type ShutdownTone, shutdownOf } from './facts.ts';

interface ModelTableProps {
  readonly models: readonly ModelObject[];
  readonly figures: PerformanceReport['by_model'];
  /** Milliseconds since the epoch: prices and shutdowns have days. */
  readonly now: number;
}

interface Row {
  readonly model: ModelObject;
  readonly figures: PerformanceReport['by_model'][string] | undefined;
  readonly now: number;
}

interface ModelColumn extends ColumnHead {
  readonly cell: (row: Row) => ComponentChildren;
}

const COLUMNS: readonly ModelColumn[] = [
  { title: 'Provider', cell: ({ model }) => model.provider ?? 'a group' },
  { title: 'Window', isNumber: true, cell: ({ model }) => count(model.context_window) },
  { title: 'Max answer', isNumber: true, cell: ({ model }) => count(model.max_output_tokens) },
  { title: 'Can', cell: ({ model }) => <span class="quiet">{model.capabilities?.join(', ') ?? '–'}</span> },
  { title: '$ per M in / out', isNumber: true, cell: ({ model, now }) => <Price model={model} now={now} /> },
  { title: 'Status', cell: ({ model, now }) => <Status model={model} now={now} /> },
  { title: 'First token p50', isNumber: true, cell: ({ figures }) => duration(figures?.ttft.p50) },
  { title: 'Errors', isNumber: true, cell: ({ figures }) => percent(figures?.errors.rate) },
];

/** Models as rows, on a phone as cards; each name leads to its calls. */
export function ModelTable({ models, figures, now }: ModelTableProps) {
  return (
    <table class="cards" aria-label="Models">
      <thead>
        <tr>
          <th scope="col">Model</th>
          <ColumnHeads columns={COLUMNS} />
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <tr key={model.id}>
            <td data-label="Model">
              <a href={href(`/calls?${new URLSearchParams({ model: model.id })}`)}>{model.id}</a>
            </td>
            {COLUMNS.map(({ title, isNumber, cell }) => (
              <td key={title} data-label={title} class={isNumber ? 'number' : undefined}>
                {cell({ model, figures: figures[model.id], now })}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Price({ model: { pricing }, now }: Pick<Row, 'model' | 'now'>) {
  const price = priceNow(pricing ?? [], now);
  const next = nextPrice(pricing ?? [], now);
  return (
    <span>
      {price === null ? '–' : `${price.input} / ${price.output}`}
      {next !== null && (
        <span class="quiet next">
          from {next.from}: {next.input} / {next.output}
        </span>
      )}
    </span>
  );
}

const TONES: Readonly<Record<ShutdownTone, string>> = { soon: 'bad', near: 'warn', far: 'quiet' };

function Status({ model: { status, shutdown_date: day }, now }: Pick<Row, 'model' | 'now'>) {
  const end = day === null ? null : shutdownOf(day, now);
  return (
    <span>
      {status}
      {end !== null && <span class={`next ${TONES[end.tone]}`}>{end.words}</span>}
    </span>
  );
}
