import { existsSync } from 'node:fs';
import type { Environment } from '../config/environment.ts';
import { loadUsage } from '../config/load.ts';
import { createDatabase } from '../database/engines.ts';
import { MAX_GROUPS, sumsBody } from '../http/usage-body.ts';
import { parseSumsQuery, type SumsQuery } from '../http/usage-query.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { UsageGroup, UsageSums } from '../usage/store.ts';
import { USAGE_ROOM } from '../usage/usage-room.ts';
import { CommandLineError } from './command-line-error.ts';
import { alignColumns, toText } from './table.ts';

/** What flags and environment say. */
export interface UsageOptions {
  readonly configPath: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Names with commas between them. */
  readonly groupBy: string | undefined;
  /** Whether programs read it. */
  readonly isJson: boolean;
}

const DEFAULT_GROUPS = 'day,model';

/**
 * The sums of the usage log, as a table or as `GET /v1/usage` tells them. Reads the database, and changes nothing in it:
 * a gateway may be writing. Of the configuration it reads where that is: it works without anybody's keys.
 * @throws CommandLineError
 */
export async function usage(options: UsageOptions, env: Environment): Promise<string> {
  const { filter, groups, zone } = parse(options);
  const { usage, database: config } = loadUsage({ path: options.configPath, env });
  if (usage.store === 'none')
    throw new CommandLineError('the usage log is off: the configuration says usage.store: none');
  if (config.engine === 'sqlite' && !existsSync(config.path))
    throw new CommandLineError(`there is no usage yet: ${config.path} does not exist (database.url, or usage.path)`);
  const database = await createDatabase(config, { usage: USAGE_ROOM }, { isReadOnly: true });
  const { sums } = database.stores.usage;
  try {
    const found = groups.length === 0 ? [] : await sums(filter, groups, MAX_GROUPS + 1);
    const [total] = await sums(filter, [], 1);
    if (options.isJson) return `${JSON.stringify(sumsBody({ filter, groups, zone, total, found }), null, 2)}\n`;
    return toText(toLines(groups, found, total));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandLineError(`the usage in ${config.shown} cannot be read: ${reason}`, { cause: error });
  } finally {
    await database.close();
  }
}

function parse({ from, to, groupBy = DEFAULT_GROUPS }: UsageOptions): SumsQuery {
  try {
    return parseSumsQuery({ from, to, group_by: groupBy });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new CommandLineError(`--${error.message.replace(/^group_by/, 'group-by').replace(/\.$/, '')}`, {
      cause: error,
    });
  }
}

function toLines(groups: readonly UsageGroup[], found: readonly UsageSums[], total: UsageSums | undefined): string[] {
  const head = [
    ...groups,
    'calls',
    'failed',
    'cancelled',
    'prompt',
    'cached',
    'completion',
    'reasoning',
    'wasted',
    'USD',
  ];
  const rows = found.slice(0, MAX_GROUPS).map((sums) =>
    toRow(
      groups.map((group) => sums.group[group] ?? '-'),
      sums,
    ),
  );
  const labels = groups.map((_group, index) => (index === 0 ? 'total' : ''));
  const lines = alignColumns(
    [head, ...rows, ...(total ? [toRow(labels, total)] : [])],
    (column) => column >= groups.length,
  );
  const unknown = total?.calls_with_unknown_cost ?? 0;
  return [
    ...lines,
    ...(found.length > MAX_GROUPS
      ? ['', `Only the first ${MAX_GROUPS} rows are shown: narrow it with --from and --to.`]
      : []),
    ...(unknown > 0 ? ['', `The cost of ${unknown} of these calls is not known: the registry has no price.`] : []),
  ];
}

function toRow(labels: readonly string[], sums: UsageSums): string[] {
  const { calls, failed, cancelled, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens } = sums;
  const counts = [calls, failed, cancelled, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens];
  return [...labels, ...[...counts, sums.wasted_tokens].map(String), toMoney(sums)];
}

/** What answers cost and what failed attempts wasted; a dash where it is not known. */
function toMoney({ cost_usd: cost, wasted_cost_usd: wasted }: UsageSums): string {
  return cost === null && !wasted ? '-' : ((cost ?? 0) + (wasted ?? 0)).toFixed(6);
}
