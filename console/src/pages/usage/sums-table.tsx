import type { ComponentChildren } from 'preact';
import type { UsageBody, UsageSumsBody } from '../../feed/wire.ts';
import { Swatch } from '../../parts/chart/inks.tsx';
import { totalAt } from '../../parts/chart/scale.ts';
import { type ColumnHead, ColumnHeads } from '../../parts/column-heads.tsx';
import { count, dollars, percent } from '../../parts/format.ts';
import { CallsLink } from './calls-link.tsx';
import { costWords } from './headline.tsx';
import type { Period } from './period.ts';
import { type Asker, callsPath, type Question, type Split } from './question.ts';
import {
  dearestFirst,
  hasEstimatedCost,
  hasEstimatedTokens,
  perThousand,
  shareOf,
  subjectOf,
  TOKEN_PARTS,
} from './sums.ts';
import { TokenBar, tokenBarSeries } from './token-bar.tsx';

interface SumsTableProps {
  readonly asked: Question;
  readonly asker: Asker;
  readonly period: Period;
  readonly table: UsageBody;
}

interface Whole {
  readonly cost: number | null;
  /** Of the row that has most. */
  readonly mostTokens: number;
}

/** Of the list of calls, by the names of the API. */
type Filter = Readonly<Record<string, string>>;

interface SumsColumn extends ColumnHead {
  readonly cell: (sums: UsageSumsBody, whole: Whole) => ComponentChildren;
  /** What the number counts: where there is any, it leads to these among the calls of the row. */
  readonly counts?: { readonly filter: Filter; readonly one: string; readonly more: string };
}

const COLUMNS: readonly SumsColumn[] = [
  {
    title: 'Calls',
    isNumber: true,
    cell: ({ calls }) => count(calls),
    counts: { filter: {}, one: 'call', more: 'calls' },
  },
  {
    title: 'Failed',
    isNumber: true,
    cell: ({ failed }) => count(failed),
    counts: { filter: { outcome: 'failed' }, one: 'failed call', more: 'failed calls' },
  },
  { title: 'Prompt', isNumber: true, cell: (sums) => count(sums.prompt_tokens, hasEstimatedTokens(sums)) },
  { title: 'Cached', isNumber: true, cell: ({ cached_tokens: tokens }) => count(tokens) },
  { title: 'Out', isNumber: true, cell: (sums) => count(sums.completion_tokens, hasEstimatedTokens(sums)) },
  { title: 'Tokens', cell: (sums, { mostTokens }) => <TokenBar sums={sums} most={mostTokens} /> },
  { title: 'Cost', isNumber: true, cell: costWords },
  { title: '$ per 1k calls', isNumber: true, cell: (sums) => dollars(perThousand(sums), hasEstimatedCost(sums)) },
  { title: 'Share', cell: ({ cost_usd: cost }, whole) => <Share of={shareOf(cost, whole.cost)} /> },
  {
    title: 'Unknown cost',
    isNumber: true,
    cell: ({ calls_with_unknown_cost: calls }) => count(calls),
    counts: {
      filter: { unknown_cost: 'true' },
      one: 'call without a known price',
      more: 'calls without a known price',
    },
  },
];

const TITLES: Readonly<Record<Split, string>> = {
  model: 'Model',
  provider: 'Provider',
  key: 'Key',
  outcome: 'Outcome',
};

/** Sums by subject, the dearest first; each name leads to its calls in this time. */
export function SumsTable({ asked, asker, period, table }: SumsTableProps) {
  const whole = {
    cost: table.total?.cost_usd ?? null,
    mostTokens: Math.max(...table.data.map((sums) => totalAt(tokenBarSeries(sums), 0) ?? 0)),
  };
  return (
    <>
      <ul class="legend" aria-label="Parts of a bar of tokens">
        {[...TOKEN_PARTS, 'wasted'].map((part, index) => (
          <li key={part}>
            <Swatch series={index} /> {part}
          </li>
        ))}
      </ul>
      <table class="cards sums" aria-label={`Usage by ${asked.split}`}>
        <thead>
          <tr>
            <th scope="col">{TITLES[asked.split]}</th>
            <ColumnHeads columns={COLUMNS} />
          </tr>
        </thead>
        <tbody>
          {dearestFirst(table.data).map((sums) => (
            <Row
              key={subjectOf(sums, asked.split).id}
              sums={sums}
              whole={whole}
              asked={asked}
              asker={asker}
              period={period}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

interface RowProps extends Omit<SumsTableProps, 'table'> {
  readonly sums: UsageSumsBody;
  readonly whole: Whole;
}

function Row({ sums, whole, asked, asker, period }: RowProps) {
  const { name, filter } = subjectOf(sums, asked.split);
  const pathOf = (besides: Filter): string | null =>
    filter && callsPath(asked, period, { ...filter, ...besides }, asker);
  return (
    <tr>
      <td data-label={TITLES[asked.split]}>
        <CallsLink to={pathOf({})}>{name}</CallsLink>
      </td>
      {COLUMNS.map((column) => (
        <td key={column.title} data-label={column.title} class={column.isNumber ? 'number' : undefined}>
          <Cell column={column} sums={sums} whole={whole} pathOf={pathOf} />
        </td>
      ))}
    </tr>
  );
}

interface CellProps extends Pick<RowProps, 'sums' | 'whole'> {
  readonly column: SumsColumn;
  /** Where the calls of the row are that a filter leaves. */
  readonly pathOf: (besides: Filter) => string | null;
}

function Cell({ column: { cell, counts }, sums, whole, pathOf }: CellProps) {
  const words = cell(sums, whole);
  if (counts === undefined || words === '0') return <>{words}</>;
  return (
    <CallsLink to={pathOf(counts.filter)}>
      {words}
      <span class="hidden"> {words === '1' ? counts.one : counts.more}</span>
    </CallsLink>
  );
}

function Share({ of: share }: { readonly of: number | null }) {
  return (
    <span class="share">
      {percent(share === null ? null : Number(share.toFixed(3)))}
      <svg aria-hidden="true">
        <rect width={`${(share ?? 0) * 100}%`} height="100%" />
      </svg>
    </span>
  );
}
