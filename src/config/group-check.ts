import { isRecord, type JsonRecord, recordOf } from '../protocol/json.ts';
import { judgePattern, sumProblem } from './pattern.ts';
import type { Path } from './positions.ts';

/** A model that another one stands for, and where that is said. */
export interface Reference {
  readonly name: string;
  readonly path: Path;
}

/** Tells a mistake at a setting of the model. */
export type Report = (path: Path, text: string, isKey?: boolean) => void;

/** Every member that a model's settings name, as a group or in its rules. */
export function membersOf(entry: JsonRecord): Reference[] {
  const rules = listOf(entry['rules']).flatMap((rule, index) =>
    referencesIn(recordOf(rule)['use'], ['rules', index, 'use']),
  );
  return [...referencesIn(entry['targets'], ['targets']), ...rules, ...referencesIn(entry['otherwise'], ['otherwise'])];
}

/** Checks a group or a set of rules: settings that contradict each other, and rules that can never match. */
export function checkGroup(entry: JsonRecord, keyNames: readonly string[], report: Report): void {
  checkStrategy(entry, [], report);
  if (entry['strategy'] !== undefined && entry['targets'] === undefined) {
    report(['strategy'], 'has no effect without targets; rules have strategies of their own', true);
  }
  if (entry['otherwise'] !== undefined && entry['rules'] === undefined) {
    report(['otherwise'], 'has no effect without rules', true);
  }
  const rules = listOf(entry['rules']).map(recordOf);
  for (const [index, rule] of rules.entries()) {
    checkStrategy(rule, ['rules', index], report);
    checkCondition(recordOf(rule['when']), keyNames, (path, ...rest) =>
      report(['rules', index, 'when', ...path], ...rest),
    );
  }
  checkPatterns(rules, report);
  checkReach(rules, report);
  const last = recordOf(rules.at(-1)?.['when']);
  if (rules.length > 0 && Object.keys(last).length > 0 && entry['otherwise'] === undefined) {
    report(['rules'], 'expected a last rule without when, or otherwise: some requests match none of these', true);
  }
}

function checkStrategy(entry: JsonRecord, path: Path, report: Report): void {
  if (entry['strategy'] === 'weighted') return;
  const setting = entry['targets'] === undefined ? 'use' : 'targets';
  for (const [index, member] of listOf(entry[setting]).entries()) {
    if (!isRecord(member) || member['weight'] === undefined) continue;
    report([...path, setting, index, 'weight'], 'has no effect without strategy: weighted', true);
  }
}

function checkCondition(when: JsonRecord, keyNames: readonly string[], report: Report): void {
  const { min_tokens: min, max_tokens: max } = when;
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    report(['max_tokens'], 'can never match: expected at least min_tokens, found less');
  }
  for (const [index, name] of listOf(when['key']).entries()) {
    if (typeof name !== 'string' || keyNames.includes(name)) continue;
    report(['key', index], 'can never match: no key has this name (auth.keys)');
  }
  if (isRecord(when['header']) && Object.keys(when['header']).length === 0) {
    report(['header'], 'expected the name of a header and its value, found none');
  }
}

/** A message may be held against every pattern of a model, so they are judged alone and together. */
function checkPatterns(rules: readonly JsonRecord[], report: Report): void {
  const costs: number[] = [];
  for (const [index, rule] of rules.entries()) {
    const { matches } = recordOf(rule['when']);
    const path = ['rules', index, 'when', 'matches'];
    for (const [at, pattern] of (typeof matches === 'string' ? [matches] : listOf(matches)).entries()) {
      if (typeof pattern !== 'string') continue;
      const { problem, cost } = judgePattern(pattern);
      costs.push(cost);
      if (problem !== null) report(typeof matches === 'string' ? path : [...path, at], problem);
    }
  }
  const together = sumProblem(costs);
  if (together !== null) report(['rules'], together, true);
}

/** Tells of rules whose requests an earlier one takes, all of them. */
function checkReach(rules: readonly JsonRecord[], report: Report): void {
  for (const [index, rule] of rules.entries()) {
    const when = recordOf(rule['when']);
    const earlier = rules.findIndex((other, at) => at < index && covers(recordOf(other['when']), when));
    if (earlier < 0) continue;
    const how = Object.keys(recordOf(rules[earlier]?.['when'])).length === 0 ? ', which has no conditions,' : '';
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

function referencesIn(members: unknown, path: Path): Reference[] {
  return listOf(members).flatMap((member, index) => {
    if (typeof member === 'string') return [{ name: member, path: [...path, index] }];
    const name = recordOf(member)['model'];
    return typeof name === 'string' ? [{ name, path: [...path, index, 'model'] }] : [];
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
