import type { Environment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { chatFace } from '../languages/chat/client-face.ts';
import { GatewayError } from '../protocol/errors.ts';
import { atOnce } from '../protocol/turns.ts';
import type { ProviderFactory } from '../providers/index.ts';
import { createBreakers } from '../routing/breaker.ts';
import { type ExplainedTarget, type Explanation, explain } from '../routing/explain.ts';
import { createPlan } from '../routing/plan.ts';
import { createRegistry } from '../routing/registry.ts';
import { createStats } from '../routing/stats.ts';
import { estimatedPrice } from '../usage/cost.ts';
import { CommandLineError } from './command-line-error.ts';
import { alignColumns, toText } from './table.ts';

/** What flags and environment say. */
export interface RouteOptions {
  readonly configPath: string;
  readonly question: string;
  /** A model, a group, or `auto`. */
  readonly model: string;
}

/** What the command needs of the world. */
export interface RouteTools {
  readonly env: Environment;
  readonly providers: ProviderFactory;
  readonly now: Date;
}

/**
 * Who would answer a question, and why, as a table. Nothing is asked, so nothing is measured either: that is known to a
 * running gateway, at `POST /v1/router/choose`.
 * @throws CommandLineError, ConfigError
 */
export async function route({ configPath, question, model }: RouteOptions, tools: RouteTools): Promise<string> {
  const config = loadConfig({ path: configPath, env: tools.env });
  const now = (): number => tools.now.getTime();
  try {
    const registry = createRegistry(config, await tools.providers.create(config));
    const body = { model, messages: [{ role: 'user', content: question }] };
    const { request } = atOnce(chatFace.parse(body));
    const caller = { id: 'anonymous', keyName: 'anonymous', mayUse: null, header: () => undefined };
    const measured = { stats: createStats(now), breakers: createBreakers(now) };
    const context = { ...measured, now, random: () => 0.5, priceOf: estimatedPrice };
    return toText(toLines(explain(createPlan(registry, request, caller, context), request, context)));
  } catch (error) {
    throw error instanceof GatewayError ? new CommandLineError(error.message, { cause: error }) : error;
  } finally {
    await tools.providers.close();
  }
}

function toLines({ model, provider, reason, route, candidates }: Explanation): string[] {
  const head = ['', 'model', 'provider', 'upstream', 'USD', 'window', 'not asked, because'];
  return [
    `model   ${model}, by ${provider}`,
    `route   ${route}`,
    `reason  ${reason}`,
    '',
    ...alignColumns([head, ...candidates.map(toRow)], (column) => column === 4 || column === 5),
  ];
}

function toRow(candidate: ExplainedTarget): string[] {
  const { model, provider, upstream, chosen, skipped, estimated_cost_usd: usd, context_window: window } = candidate;
  return [
    chosen ? '→' : '',
    model,
    provider ?? '',
    upstream === model ? '' : (upstream ?? ''),
    usd === null ? '?' : usd.toFixed(6),
    window === null ? '?' : String(window),
    skipped ?? '',
  ];
}
