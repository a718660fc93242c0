import type { JsonRecord } from '../../protocol/json.ts';
import type { ModelRequest, ReasoningWish } from '../../protocol/model-request.ts';
import type { ModelFacts } from '../dialect.ts';
import type { DroppedParameters } from '../dropped-parameters.ts';
import type { GeminiModel } from './version.ts';

/** Budgets in tokens, the same that Google's own OpenAI layer uses; `none` only where thinking can be turned off. */
const BUDGETS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    minimal: 1024,
    low: 1024,
    medium: 8192,
    high: 24576,
    xhigh: 24576,
    max: 24576,
  }),
);
const MIN_PRO_BUDGET = 128;
const MAX_PRO_BUDGET = 32768;
const MAX_BUDGET = 24576;
/** Google's word for as much as it takes. */
const DYNAMIC = -1;

const LEVELS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    none: 'MINIMAL',
    minimal: 'MINIMAL',
    low: 'LOW',
    medium: 'MEDIUM',
    high: 'HIGH',
    xhigh: 'HIGH',
    max: 'HIGH',
  }),
);

/**
 * `generationConfig.thinkingConfig` from `reasoning_effort`, OpenRouter's `reasoning`, and Google's own
 * `thinking_config`, which wins; null when the client says nothing of thinking.
 */
export function toThinkingConfig(
  { reasoning: wish }: ModelRequest,
  own: JsonRecord,
  facts: ModelFacts,
  model: GeminiModel,
  dropped: DroppedParameters,
): JsonRecord | null {
  const cannotThink = model.version < 205 || (facts.capabilities !== null && !facts.capabilities.includes('reasoning'));
  if (cannotThink && Object.keys(own).length === 0) {
    dropped.addNames(wish.names);
    return null;
  }
  const isDecided = 'thinkingBudget' in own || 'thinkingLevel' in own;
  const amount = isDecided ? {} : toAmount(wish, facts, model, dropped);
  const config = { ...amount, ...(wantsThoughts(wish) ? { includeThoughts: true } : {}), ...own };
  return Object.keys(config).length > 0 ? config : null;
}

/** A client that asks for more than a little thinking wants to see it, unless it says otherwise. */
function wantsThoughts({ wantsText, effort }: ReasoningWish): boolean {
  return wantsText ?? !(effort === null || effort === 'none' || effort === 'minimal');
}

/** A level from 3.0 on, a budget before: both in one request would be refused. */
function toAmount(wish: ReasoningWish, facts: ModelFacts, model: GeminiModel, dropped: DroppedParameters): JsonRecord {
  const { effort, budget } = wish;
  if (model.version >= 300) {
    if (budget !== null) dropped.add('reasoningBudget');
    return effort === null ? {} : toLevel(effort, facts, model, dropped);
  }
  if (budget !== null) return { thinkingBudget: withinLimits(budget, model) };
  if (effort === null) return {};
  if (effort === 'none') return toNoThinking(model, dropped);
  const tokens = BUDGETS.get(effort);
  if (tokens !== undefined) return { thinkingBudget: tokens };
  dropped.add('reasoningEffort');
  return {};
}

/** Beyond its limits a budget is answered with 400. */
function withinLimits(budget: number, { isPro }: GeminiModel): number {
  if (budget === DYNAMIC) return budget;
  const [least, most] = isPro ? [MIN_PRO_BUDGET, MAX_PRO_BUDGET] : [0, MAX_BUDGET];
  return Math.min(Math.max(budget, least), most);
}

function toNoThinking({ isPro }: GeminiModel, dropped: DroppedParameters): JsonRecord {
  if (isPro) dropped.add('reasoningEffort');
  return { thinkingBudget: isPro ? MIN_PRO_BUDGET : 0 };
}

/** Pro models, and all from 3.7 on, answer MINIMAL with 400. */
function toLevel(effort: string, facts: ModelFacts, model: GeminiModel, dropped: DroppedParameters): JsonRecord {
  const thinkingLevel = LEVELS.get(effort);
  if (thinkingLevel === undefined) dropped.add('reasoningEffort');
  if (thinkingLevel !== 'MINIMAL') return thinkingLevel === undefined ? {} : { thinkingLevel };
  const takesMinimal = facts.reasoningEfforts?.includes('minimal') ?? (!model.isPro && model.version < 307);
  if (!takesMinimal && effort === 'none') dropped.add('reasoningEffort');
  return { thinkingLevel: takesMinimal ? 'MINIMAL' : 'LOW' };
}
