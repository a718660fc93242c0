import type { ComponentChildren } from 'preact';
import { href } from '../../app/router.ts';
import type { ModelDetails, PerformanceReport } from '../../feed/wire.ts';
import { type ColumnHead, ColumnHeads } from '../../parts/column-heads.tsx';
import { count, duration, percent } from '../../parts/format.ts';
import { nextPrice, priceNow, type ShutdownTone, shortReason, shutdownOf } from '../../parts/model-facts.ts';
import { Choice } from './choice.tsx';

interface ModelTableProps {
  readonly models: readonly ModelDetails[];
  readonly figures: PerformanceReport['by_model'];
  /** Milliseconds since the epoch: prices and shutdowns have days. */
  readonly now: number;
}

interface Row {
  readonly model: ModelDetails;
  readonly figures: PerformanceReport['by_model'][string] | undefined;
  readonly now: number;
}

interface ModelColumn extends ColumnHead {
  readonly cell: (row: Row) => ComponentChildren;
}

const COLUMNS: readonly ModelColumn[] = [
  { title: 'Answered by', cell: ({ model }) => <Choice model={model} /> },
  { title: 'Window', isNumber: true, cell: ({ model }) => count(model.context_window) },
  { title: 'Max answer', isNumber: true, cell: ({ model }) => count(model.max_output_tokens) },
  { title: 'Can', cell: ({ model }) => <span class="next quiet">{abilities(model)}</span> },
  { title: '$ per M in / out', isNumber: true, cell: ({ model, now }) => <Price model={model} now={now} /> },
  { title: 'Status', cell: ({ model, now }) => <Status model={model} now={now} /> },
  { title: 'First token p50', isNumber: true, cell: ({ figures }) => duration(figures?.ttft.p50) },
  { title: 'Errors', isNumber: true, cell: ({ figures }) => percent(figures?.errors.rate) },
  { title: 'Try', cell: ({ model }) => <Try model={model} /> },
];

/** Models as rows, on a phone as cards; a name leads to its calls. */
export function ModelTable({ models, figures, now }: ModelTableProps) {
  return (
    <table class="cards models" aria-label="Models">
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
              <Name model={model} />
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

/** Calls are on record under the model that answered, so those of a group are with its members. */
function Name({ model: { id, aliases, fallbacks, members, rules } }: Pick<Row, 'model'>) {
  const isChoice = members !== null || rules !== null;
  return (
    <span>
      {isChoice ? id : <a href={href(`/calls?${new URLSearchParams({ model: id })}`)}>{id}</a>}
      {aliases.length > 0 && <span class="next quiet">also {aliases.join(', ')}</span>}
      {fallbacks.length > 0 && <span class="next quiet">then {fallbacks.join(', ')}</span>}
    </span>
  );
}

function abilities({ kind, capabilities }: ModelDetails): string {
  return kind === 'chat' ? (capabilities?.join(', ') ?? '–') : kind;
}

/** Chat has the model chosen; what is no chat model, or cannot be asked, cannot be tried there. */
function Try({ model: { id, kind, available } }: Pick<Row, 'model'>) {
  if (!available || kind !== 'chat') return <>–</>;
  return (
    <a href={href(`/?${new URLSearchParams({ model: id })}`)} aria-label={`Try ${id} in Chat`}>
      try
    </a>
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

function Status({ model, now }: Pick<Row, 'model' | 'now'>) {
  const { status, reason, shutdown_date: day, replacement } = model;
  const end = day === null ? null : shutdownOf(day, now);
  if (reason !== null) return <span class="next reason">{shortReason(reason, model.id)}</span>;
  return (
    <span>
      {status}
      {end !== null && <span class={`next ${TONES[end.tone]}`}>{end.words}</span>}
      {replacement !== null && <span class="next quiet">use {replacement} instead</span>}
    </span>
  );
}
