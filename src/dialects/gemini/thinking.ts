import type { ChatRequest } from '../../protocol/chat.ts';
import { isRecord, type JsonRecord, numberOf, recordOf, stringOf } from '../../protocol/json.ts';
import type { ModelFacts } from '../dialect.ts';
import type { Dropped } from './tools.ts';
import type { GeminiModel } from './version.ts';

/** Budgets in tokens, the same that Google's own OpenAI layer uses; `none` only where thinking can be turned off. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24576,
  xhigh: 24576,
  max: 24576,
};
const MIN_PRO_BUDGET = 128;

const LEVELS: Readonly<Record<string, string>> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};

/**
 * `generationConfig.thinkingConfig` from `reasoning_effort`, OpenRouter's `reasoning`, and Google's own
 * `thinking_config`, which wins; null when the client says nothing of thinking.
 */
export function toThinkingConfig(
  chat: ChatRequest,
  own: JsonRecord,
  facts: ModelFacts,
  model: GeminiModel,
  dropped: Dropped,
): JsonRecord | null {
  const asked = readAsked(chat);
  const cannotThink = model.version < 205 || (facts.capabilities !== null && !facts.capabilities.includes('reasoning'));
  if (cannotThink && Object.keys(own).length === 0) {
    for (const name of asked.names) dropped.add(name);
    return null;
  }
  const isDecided = 'thinkingBudget' in own || 'thinkingLevel' in own;
  const amount = isDecided ? {} : toAmount(asked, facts, model, dropped);
  const config = { ...amount, ...(asked.wantsThoughts ? { includeThoughts: true } : {}), ...own };
  return Object.keys(config).length > 0 ? config : null;
}

interface Asked {
  readonly effort: string | null;
  readonly budget: number | null;
  readonly wantsThoughts: boolean;
  /** The client's parameters, none of them when they are silent or ask for nothing. */
  readonly names: readonly string[];
}

function readAsked(chat: ChatRequest): Asked {
  const reasoning = chat['reasoning'];
  const details = recordOf(reasoning);
  const isOff = details['enabled'] === false || reasoning === false;
  const effort = chat.reasoning_effort ?? stringOf(details['effort']) ?? (isOff ? 'none' : null);
  const isBrief = effort === null || effort === 'none' || effort === 'minimal';
  const isAsked = (isRecord(reasoning) || reasoning === true) && !isOff && effort !== 'none';
  const hides = details['exclude'] === true || chat['include_reasoning'] === false;
  const wantsThoughts = !hides && (!isBrief || isAsked || chat['include_reasoning'] === true);
  const names = [
    ...(chat.reasoning_effort && chat.reasoning_effort !== 'none' ? ['reasoning_effort'] : []),
    ...(isAsked ? ['reasoning'] : []),
    ...(chat['include_reasoning'] === true ? ['include_reasoning'] : []),
  ];
  return { effort, budget: numberOf(details['max_tokens']), wantsThoughts, names };
}

/** A level from 3.0 on, a budget before: both in one request would be refused. */
function toAmount(asked: Asked, facts: ModelFacts, model: GeminiModel, dropped: Dropped): JsonRecord {
  const { effort, budget } = asked;
  if (model.version >= 300) {
    if (budget !== null) dropped.add('reasoning.max_tokens');
    return effort === null ? {} : toLevel(effort, facts, model, dropped);
  }
  if (budget !== null) return { thinkingBudget: budget };
  if (effort === null) return {};
  if (effort === 'none') return toNoThinking(model, dropped);
  const tokens = BUDGETS[effort];
  if (tokens !== undefined) return { thinkingBudget: tokens };
  dropped.add('reasoning_effort');
  return {};
}

function toNoThinking({ isPro }: GeminiModel, dropped: Dropped): JsonRecord {
  if (isPro) dropped.add('reasoning_effort');
  return { thinkingBudget: isPro ? MIN_PRO_BUDGET : 0 };
}

/** Pro models, and all from 3.7 on, answer MINIMAL with 400. */
function toLevel(effort: string, facts: ModelFacts, model: GeminiModel, dropped: Dropped): JsonRecord {
  const thinkingLevel = LEVELS[effort];
  if (thinkingLevel === undefined) dropped.add('reasoning_effort');
  if (thinkingLevel !== 'MINIMAL') return thinkingLevel === undefined ? {} : { thinkingLevel };
  const takesMinimal = facts.reasoningEfforts?.includes('minimal') ?? (!model.isPro && model.version < 307);
  if (!takesMinimal && effort === 'none') dropped.add('reasoning_effort');
  return { thinkingLevel: takesMinimal ? 'MINIMAL' : 'LOW' };
}
