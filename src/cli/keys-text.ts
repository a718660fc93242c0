import { type BudgetWindow, type KeptLimits, windowOf } from '../access/limits.ts';
import type { KeptKey } from '../access/records.ts';
import type { SpentFigures } from '../http/keys/figures.ts';
import { toKeyData } from '../http/keys/shapes.ts';
import { alignColumns, toText } from './table.ts';

/** A key, and what it has spent. */
export interface ShownKey {
  readonly key: KeptKey;
  readonly spent: SpentFigures;
}

/** A key as `GET /v1/keys/:hash` tells of it; what calls in flight hold only their gateway knows. */
export function keyData({ key, spent }: ShownKey): Readonly<Record<string, unknown>> {
  return { ...toKeyData(key, spent), held: null };
}

/** One key, a line for each thing that there is to tell. @param secret told this once; null where it is not */
export function keyText(shown: ShownKey, secret: string | null): string {
  const told = Object.entries(keyData(shown)).filter(([, value]) => value !== null);
  const lines = told.map(([name, value]) => `${name.padEnd(16)} ${valueText(name, value)}`);
  if (secret === null) return toText(lines);
  const made = [`key              ${secret}`, '                 shown this once: only its digest is kept'];
  return toText([...lines, '', ...made]);
}

/** Why all keys of an organisation are refused: of it, or of its parent. */
export type OrgState = 'org disabled' | 'org gone';

/**
 * Keys as a table.
 * @param total how many there are
 * @param orgs organisations whose keys are refused, by their ids
 */
export function listText(shown: readonly ShownKey[], total: number, orgs: ReadonlyMap<string, OrgState>): string {
  const head = ['hash', 'name', 'kind', 'org', 'label', 'state', 'last used', 'USD spent'];
  const rows = shown.map(({ key, spent }) => [
    key.hash.slice(0, 12),
    key.name,
    key.kind,
    key.orgId ?? '-',
    key.label,
    stateOf(key, orgs),
    key.lastUsedAt === null ? '-' : new Date(key.lastUsedAt).toISOString().slice(0, 16),
    spentText(key.limits, spent),
  ]);
  const lines = alignColumns([head, ...rows], () => false);
  return toText(
    total > shown.length ? [...lines, '', `Only the newest ${shown.length} of ${total} are shown.`] : lines,
  );
}

const MONEY = /^(usage.*|limit|limit_remaining|soft_budget)$/;

function valueText(name: string, value: unknown): string {
  if (typeof value === 'number' && MONEY.test(name)) return usdText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const SPANS = {
  day: { figure: 'usage_daily', text: ' a day' },
  week: { figure: 'usage_weekly', text: ' a week' },
  month: { figure: 'usage_monthly', text: ' a month' },
  total: { figure: 'usage', text: '' },
} as const satisfies Record<BudgetWindow, { readonly figure: keyof SpentFigures; readonly text: string }>;

/** What was spent of each limit: `0.10 of 5.00 a day`; all of it where there is none. */
function spentText(kept: KeptLimits, spent: SpentFigures): string {
  const limits = [[windowOf(kept), kept.limit] as const, ...Object.entries(kept.budgets ?? {})];
  const told = limits.flatMap(([window, usd]) => {
    const { figure, text } = SPANS[window as BudgetWindow];
    return usd == null ? [] : [`${usdText(spent[figure])} of ${usdText(usd)}${text}`];
  });
  return told.length === 0 ? usdText(spent.usage) : told.join(', ');
}

/** To the nano-dollar, with two decimals at least. */
function usdText(usd: number | null): string {
  return usd === null ? '?' : usd.toFixed(9).replace(/0{1,7}$/, '');
}

function stateOf({ isDisabled, expiresAt, orgId }: KeptKey, orgs: ReadonlyMap<string, OrgState>): string {
  if (isDisabled) return 'disabled';
  if (expiresAt !== null && expiresAt <= Date.now()) return 'expired';
  return orgs.get(orgId ?? '') ?? 'ok';
}
