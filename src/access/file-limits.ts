import type { Config, GovernedConfig } from '../config/config.ts';
import type { ChangedScope } from './limit-changes.ts';
import {
  type GovernedBudget,
  type GovernedLimits,
  type GovernedRates,
  type KeptLimits,
  type KeptModelLimits,
  limitedOrNull,
  toNanoOrNull,
} from './limits.ts';

/** Every key and organisation of a file with its limits. @param version higher than that of the files before */
export function scopesOfFile({ keys, orgs }: Pick<Config, 'keys' | 'orgs'>, version: number): readonly ChangedScope[] {
  return [
    ...keys.map((key) => ({ id: `key:${key.name}`, version, limits: toFileLimits(key) })),
    ...[...orgs.values()].map((org) => ({ id: `org:${org.id}`, version, limits: toFileLimits(org) })),
  ];
}

/** What `limits` and `budget` of the file come to; null where nothing is limited. */
export function toFileLimits({ limits, budget }: GovernedConfig): GovernedLimits | null {
  const { rpm = null, tpm = null, concurrency = null, burst = null, models = null } = limits ?? {};
  const ofModels = Object.entries(models ?? {}).map(([id, rates]) => [id, toRates(rates)] as const);
  return limitedOrNull({
    rpm,
    tpm,
    concurrency,
    burst,
    budget: toFileBudget(budget),
    onExhausted: budget?.onExhausted ?? null,
    models: Object.fromEntries(ofModels),
  });
}

type FileRates = { readonly [Name in keyof GovernedRates]?: GovernedRates[Name] | undefined };

function toRates({ rpm, tpm, concurrency, burst }: FileRates): GovernedRates {
  return { rpm: rpm ?? null, tpm: tpm ?? null, concurrency: concurrency ?? null, burst: burst ?? null };
}

type FileBudget = NonNullable<GovernedConfig['budget']>;

function toFileBudget(budget: FileBudget | null): GovernedBudget | null {
  if (budget === null) return null;
  const { day, week, month, total, on, softAt } = budget;
  if ([day, week, month, total].every((usd) => usd === null)) return null;
  return {
    day: toNanoOrNull(day),
    week: toNanoOrNull(week),
    month: toNanoOrNull(month),
    total: toNanoOrNull(total),
    on,
    softAt,
  };
}

/** What `limits` and `budget` of the file are in the words of the administration's API. */
export function toFileWords({ limits, budget }: GovernedConfig): KeptLimits {
  const models = Object.entries(limits?.models ?? {}).map(([id, rates]) => [id, toWords(toRates(rates))] as const);
  return {
    ...toWords(toRates(limits ?? {})),
    ...(budget === null ? {} : moneyWords(budget)),
    ...(models.length === 0 ? {} : { model_limits: Object.fromEntries(models) }),
  };
}

function moneyWords({ day, week, month, total, on, onExhausted }: FileBudget): KeptLimits {
  return { budgets: { day, week, month, total }, budgets_on: on, on_exhausted: onExhausted };
}

function toWords({ rpm, tpm, concurrency }: GovernedRates): KeptModelLimits {
  return { rpm_limit: rpm, tpm_limit: tpm, max_parallel_requests: concurrency };
}
