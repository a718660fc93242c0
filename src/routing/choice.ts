import type { Strategy } from '../config/group-schema.ts';
import type { Condition } from './rules.ts';
import type { Target } from './target.ts';

/** What a name leads to: a target, several ways to choose between, or nothing that can be asked now. */
export type Choice = { readonly kind: 'target'; readonly target: Target } | Unavailable | Group | RuleSet;

/** A model that cannot be asked, and why. */
export interface Unavailable {
  readonly kind: 'off';
  readonly model: string;
  readonly provider: string | null;
  readonly upstream: string | null;
  readonly reason: string;
}

/** Models that stand for each other. */
export interface Group {
  readonly kind: 'group';
  readonly id: string;
  readonly strategy: Strategy;
  readonly members: readonly Member[];
}

/** A model of a group; the weight counts for the strategy `weighted`. */
export interface Member {
  readonly weight: number;
  readonly choice: Choice;
}

/** A model whose members depend on the request. */
export interface RuleSet {
  readonly kind: 'rules';
  readonly id: string;
  readonly rules: readonly Rule[];
  /** For requests that no rule leads anywhere. */
  readonly otherwise: Group | null;
}

/** The models for a kind of request. */
export interface Rule {
  readonly name: string;
  readonly condition: Condition;
  readonly use: Group;
}

/** Every target that a choice may come to, in the order of the configuration. */
export function targetsOf(choice: Choice): Target[] {
  if (choice.kind === 'target') return [choice.target];
  return [
    ...new Map(
      partsOf(choice)
        .flatMap(targetsOf)
        .map((target) => [target.id, target]),
    ).values(),
  ];
}

/** Why the parts that cannot be asked cannot. */
export function reasonsOf(choice: Choice): string[] {
  if (choice.kind === 'off') return [choice.reason];
  return [...new Set(partsOf(choice).flatMap(reasonsOf))];
}

function partsOf(choice: Choice): Choice[] {
  if (choice.kind === 'group') return choice.members.map((member) => member.choice);
  if (choice.kind !== 'rules') return [];
  return [...choice.rules.map(({ use }) => use), ...(choice.otherwise ? [choice.otherwise] : [])];
}
