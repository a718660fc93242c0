import type { UsageGroup, UsageSums } from '../usage/store.ts';
import { toBody } from './usage-body.ts';
import type { SumsQuery } from './usage-query.ts';

/** A table of more rows is refused: nobody would see that it is cut off. */
export const MAX_CSV_ROWS = 10_000;

const FIGURES = [
  'calls',
  'failed',
  'cancelled',
  'attempts',
  'prompt_tokens',
  'cached_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'estimated_tokens',
  'cost_usd',
  'estimated_cost_usd',
  'calls_with_unknown_cost',
  'wasted_tokens',
  'wasted_cost_usd',
] as const satisfies readonly Exclude<keyof UsageSums, 'group'>[];

/**
 * The sums as a table (RFC 4180): a head, then a row for each group, or one with the total where there are none. The zone
 * stands in each row, because a table has no other place for it.
 */
export function sumsCsv({ groups, zone }: Pick<SumsQuery, 'groups' | 'zone'>, rows: readonly UsageSums[]): string {
  const head = [...groups, ...FIGURES, 'tz'].join(',');
  const lines = rows.map(toBody).map((row) => {
    const names = groups.map((group: UsageGroup) => textCell(row[group] ?? null));
    const figures = FIGURES.map((name) => row[name] ?? '');
    return [...names, ...figures, textCell(`UTC${zone.text}`)].join(',');
  });
  return [head, ...lines, ''].join('\r\n');
}

/**
 * What begins a formula, or a command, in a spreadsheet: also behind spaces and characters that are not seen, in the wide
 * forms of East Asian writing, and behind what separates the cells where a comma is the decimal point.
 */
const FORMULA = /(^|[,;|\t\r\n])(?=[\s\p{C}"]*[=+\-@\t\r\n\uFF0B\uFF0D\uFF1D\uFF20])/gu;

/** A text in quotes, which no spreadsheet takes for a formula: clients name models as they like. Empty for null. */
function textCell(text: string | null): string {
  if (text === null) return '';
  return `"${text.replace(FORMULA, "$1'").replaceAll('"', '""')}"`;
}
