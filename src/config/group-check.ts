import { isRecord, type JsonRecord } from '../protocol/json.ts';
import { judgePattern, sumProblem } from './pattern.ts';
import type { Path } from './positions.ts';
import type { ModelInput } from './schema.ts';
import type { AsWritten } from './source.ts';

/** A model that another one stands for, and where that is said. */
export interface Reference {
  readonly name: string;
  readonly path: Path;
}

/** Tells a mistake at a setting of the model. */
export type Report = (path: Path, text: string, isKey?: boolean) => void;

type WrittenGroup = AsWritten<Pick<ModelInput, 'targets' | 'strategy' | 'rules' | 'otherwise'>>;
type WrittenRule = NonNullable<NonNullable<WrittenGroup['rules']>[number]>;
type WrittenWhen = NonNullable<WrittenRule['when']>;
type WrittenMembers = WrittenRule['use'];

/** Every member that a model's settings name, as a group or in its rules. */
export function membersOf({ targets, rules = [], otherwise }: WrittenGroup): Reference[] {
  const ofRules = rules.flatMap((rule, index) => referencesIn(rule?.use, ['rules', index, 'use']));
  return [...referencesIn(targets, ['targets']), ...ofRules, ...referencesIn(otherwise, ['otherwise'])];
}

/** Checks a group or a set of rules: settings that contradict each other, and rules that can never match. */
export function checkGroup(entry: WrittenGroup, keyNames: readonly string[], report: Report): void {
  checkWeights(entry.strategy, entry.targets, ['targets'], report);
  if ('strategy' in entry && !('targets' in entry)) {
    report(['strategy'], 'has no effect without targets; rules have strategies of their own', true);
  }
  if ('otherwise' in entry && !('rules' in entry)) {
    report(['otherwise'], 'has no effect without rules', true);
  }
  const rules = (entry.rules ?? []).map((rule = {}) => rule);
  for (const [index, { strategy, use, when = {} }] of rules.entries()) {
    checkWeights(strategy, use, ['rules', index, 'use'], report);
    checkCondition(when, keyNames, (path, ...rest) => report(['rules', index, 'when', ...path], ...rest));
  }
  const conditions = rules.map(({ when = {} }) => when);
  checkPatterns(conditions, report);
  checkReach(conditions, report);
  if (Object.keys(conditions.at(-1) ?? {}).length > 0 && !('otherwise' in entry)) {
    report(['rules'], 'expected a last rule without when, or otherwise: some requests match none of these', true);
  }
}

function checkWeights(strategy: WrittenGroup['strategy'], members: WrittenMembers, path: Path, report: Report): void {
  if (strategy === 'weighted') return;
  for (const [index, member] of (members ?? []).entries()) {
    if (typeof member !== 'object' || !('weight' in member)) continue;
    report([...path, index, 'weight'], 'has no effect without strategy: weighted', true);
  }
}

function checkCondition(when: WrittenWhen, keyNames: readonly string[], report: Report): void {
  const { min_tokens: min, max_tokens: max, key = [], header } = when;
  if (min !== undefined && max !== undefined && min > max) {
    report(['max_tokens'], 'can never match: expected at least min_tokens, found less');
  }
  for (const [index, name] of key.entries()) {
    if (name === undefined || keyNames.includes(name)) continue;
    report(['key', index], 'can never match: no key has this name (auth.keys)');
  }
  if (header !== undefined && Object.keys(header).length === 0) {
    report(['header'], 'expected the name of a header and its value, found none');
  }
}

/** A message may be held against every pattern of a model, so they are judged alone and together. */
function checkPatterns(conditions: readonly WrittenWhen[], report: Report): void {
  const costs: number[] = [];
  for (const [index, { matches = [] }] of conditions.entries()) {
    const path = ['rules', index, 'when', 'matches'];
    for (const [at, pattern] of (typeof matches === 'string' ? [matches] : matches).entries()) {
      if (pattern === undefined) continue;
      const { problem, cost } = judgePattern(pattern);
      costs.push(cost);
      if (problem !== null) report(typeof matches === 'string' ? path : [...path, at], problem);
    }
  }
  const together = sumProblem(costs);
  if (together !== null) report(['rules'], together, true);
}

/** Tells of rules whose requests an earlier one takes, all of them. */
function checkReach(conditions: readonly WrittenWhen[], report: Report): void {
  for (const [index, when] of conditions.entries()) {
    const earlier = conditions.findIndex((other, at) => at < index && covers(other, when));
    if (earlier < 0) continue;
    const how = Object.keys(conditions[earlier] ?? {}).length === 0 ? ', which has no conditions,' : '';
    report(['rules', index], `can never match: rules[${earlier}]${how} takes all of its requests`);
  }
}

function covers(earlier: JsonRecord, later: JsonRecord): boolean {
  return Object.entries(earlier).every(([name, value]) => isWithin(name, later[name], value));
}

/** Whether everything that meets the later condition meets the earlier one. */
function isWithin(name: string, later: unknown, earlier: unknown): boolean {
  if (later === undefined) return false;
  if (Array.isArray(earlier) && Array.isArray(later)) return later.every((value) => earlier.includes(value));
  if (name === 'min_tokens') return Number(later) >= Number(earlier);
  if (name === 'max_tokens') return Number(later) <= Number(earlier);
  if (isRecord(earlier) && isRecord(later)) return covers(earlier, later);
  return later === earlier;
}

function referencesIn(members: WrittenMembers, path: Path): Reference[] {
  return (members ?? []).flatMap((member, index) => {
    if (typeof member === 'string') return [{ name: member, path: [...path, index] }];
    return member?.model === undefined ? [] : [{ name: member.model, path: [...path, index, 'model'] }];
  });
}
