import type { KeyBody, LimitsBody, OrgBody } from '../../feed/wire.ts';
import { limitOf, ownWindow, WINDOWS } from './facts.ts';

/** The fields of a form for limits, as they are typed: budgets in USD; empty is no limit. */
export interface LimitValues {
  readonly day: string;
  readonly week: string;
  readonly month: string;
  readonly total: string;
  readonly rpm: string;
  readonly tpm: string;
  readonly parallel: string;
}

/** The fields of a form for a key. */
export interface KeyValues extends LimitValues {
  readonly name: string;
  readonly kind: string;
  readonly org: string;
  /** Patterns with commas or spaces between; empty for all. */
  readonly models: string;
  /** By the clock of the reader, as `2027-01-31T12:00`; empty for never. */
  readonly expires: string;
}

/** The fields of a form for an organisation. */
export interface OrgValues extends LimitValues {
  readonly id: string;
  readonly name: string;
  readonly parent: string;
  readonly models: string;
  /** All calls of its keys are refused. */
  readonly isDisabled: boolean;
}

const NO_LIMITS: LimitValues = { day: '', week: '', month: '', total: '', rpm: '', tpm: '', parallel: '' };

/** A form that nothing was typed into yet. */
export const NEW_KEY: KeyValues = { ...NO_LIMITS, name: '', kind: 'call', org: '', models: '', expires: '' };
export const NEW_ORG: OrgValues = { ...NO_LIMITS, id: '', name: '', parent: '', models: '', isDisabled: false };

/** A key as its form shows it. */
export function valuesOfKey(key: KeyBody): KeyValues {
  const { name, kind } = key;
  const expires = key.expires_at === null ? '' : toLocalTime(key.expires_at);
  return { ...limitValues(key), name, kind, org: key.org_id ?? '', models: key.models?.join(', ') ?? '', expires };
}

/** An organisation as its form shows it. */
export function valuesOfOrg(org: OrgBody): OrgValues {
  const { id, name, disabled: isDisabled } = org;
  const models = org.models?.join(', ') ?? '';
  return { ...limitValues(org), id, name, parent: org.parent_id ?? '', models, isDisabled };
}

/** The body that makes a key. */
export function newKeyBody(values: KeyValues): object {
  const { name, kind, org, models, expires } = values;
  return withoutNulls({
    name: name.trim(),
    kind,
    org_id: textOrNull(org),
    models: toModels(models),
    expires_at: toTime(expires),
    ...allLimits(values),
  });
}

/** The body that makes an organisation. */
export function newOrgBody(values: OrgValues): object {
  const { id, name, parent, models } = values;
  return withoutNulls({
    id: id.trim(),
    name: textOrNull(name),
    parent_id: textOrNull(parent),
    models: toModels(models),
    ...allLimits(values),
  });
}

/** What a form changes of a key: what was not touched stays, however it was set. */
export function keyChange(key: KeyBody, values: KeyValues): object {
  const before = valuesOfKey(key);
  const change: Record<string, unknown> = limitChange(key, before, values);
  if (values.name !== before.name) change['name'] = values.name.trim();
  if (values.org !== before.org) change['org_id'] = textOrNull(values.org);
  if (values.models !== before.models) change['models'] = toModels(values.models);
  if (values.expires !== before.expires) change['expires_at'] = toTime(values.expires);
  return change;
}

/** What a form changes of an organisation. */
export function orgChange(org: OrgBody, values: OrgValues): object {
  const before = valuesOfOrg(org);
  const change: Record<string, unknown> = limitChange(org, before, values);
  if (values.name !== before.name) change['name'] = values.name.trim();
  if (values.models !== before.models) change['models'] = toModels(values.models);
  if (values.isDisabled !== before.isDisabled) change['disabled'] = values.isDisabled;
  return change;
}

const RATES = [
  ['rpm', 'rpm_limit'],
  ['tpm', 'tpm_limit'],
  ['parallel', 'max_parallel_requests'],
] as const;

function limitValues(body: LimitsBody): LimitValues {
  const typed = (value: number | null): string => (value === null ? '' : String(value));
  const budgets = Object.fromEntries(WINDOWS.map((window) => [window, typed(limitOf(body, window))]));
  const rates = Object.fromEntries(RATES.map(([field, name]) => [field, typed(body[name])]));
  return { ...NO_LIMITS, ...budgets, ...rates };
}

function allLimits(values: LimitValues): object {
  const rates = Object.fromEntries(RATES.map(([field, name]) => [name, toNumber(values[field])]));
  const budgets = withoutNulls(Object.fromEntries(WINDOWS.map((window) => [window, toNumber(values[window])])));
  return { ...rates, budgets: Object.keys(budgets).length === 0 ? null : budgets };
}

/** A limit that was set as `limit` stays one: its window belongs to `soft_budget` as well. */
function limitChange(body: LimitsBody, before: LimitValues, after: LimitValues): Record<string, unknown> {
  const change: Record<string, unknown> = {};
  for (const [field, name] of RATES) if (after[field] !== before[field]) change[name] = toNumber(after[field]);
  const own = body.limit === null ? null : ownWindow(body);
  const budgets: Record<string, number | null> = {};
  for (const window of WINDOWS.filter((name) => after[name] !== before[name])) {
    if (window !== own) budgets[window] = toNumber(after[window]);
    else change['limit'] = toNumber(after[window]);
    // The form shows the smaller of two limits for one window, and what is typed stands for both.
    if (window === own && body.budgets?.[window] != null) budgets[window] = null;
  }
  return Object.keys(budgets).length === 0 ? change : { ...change, budgets };
}

function toModels(text: string): readonly string[] | null {
  const patterns = text.split(/[\s,]+/).filter((pattern) => pattern !== '');
  return patterns.length === 0 ? null : patterns;
}

function toNumber(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

function toTime(local: string): string | null {
  return local === '' ? null : new Date(local).toISOString();
}

function toLocalTime(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function withoutNulls(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
