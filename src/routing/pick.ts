import type { Choice, Group, RuleSet, Unavailable } from './choice.ts';
import { missingCapability } from './needs.ts';
import type { RuleInput } from './rules.ts';
import { arrange, type Figures } from './strategies.ts';
import type { Target } from './target.ts';

/** What is not asked, and why, in words. */
export interface Skipped {
  readonly model: string;
  readonly provider: string | null;
  readonly upstream: string | null;
  /** Null when it cannot be asked at all now. */
  readonly target: Target | null;
  readonly reason: string;
}

/** What a choice comes to for one request. */
export interface Picked {
  /** What can do it, in the order in which it is asked. */
  readonly eligible: readonly Target[];
  /** What cannot, and is asked only when nothing can. */
  readonly ineligible: readonly Ineligible[];
  readonly off: readonly Skipped[];
  /** For a header and the log. */
  readonly route: string;
  /** Why the first one is asked, to go after its name. */
  readonly reason: string;
  readonly rule: string | null;
  /** Where the first one stands in a group or in rules inside: what that adds to route and reason. */
  readonly inside: Inside;
}

interface Inside {
  readonly route: string;
  readonly reason: string;
}

type Ineligible = Skipped & { readonly target: Target };

/** Chooses for one request. A client that names a model gets it, unless it cannot take the request's content at all. */
export function pick(choice: Choice, input: RuleInput, figures: Figures): Picked {
  return pickFor(choice, input, figures, 'content');
}

/** Makes the record of a target that is not asked. */
export function toSkipped(target: Target, reason: string): Ineligible {
  const { facts, provider } = target;
  return { model: facts.model, provider: provider.name, upstream: facts.upstream, target, reason };
}

function pickFor(choice: Choice, input: RuleInput, figures: Figures, only: 'content' | 'everything'): Picked {
  switch (choice.kind) {
    case 'target':
      if (input.caller.mayUse?.(choice.target) === false)
        return { ...NOTHING, off: [toSkipped(choice.target, 'the key may not use it')] };
      return pickTarget(choice.target, missingCapability(choice.target.facts, input.needs, only));
    case 'off':
      return { ...NOTHING, off: [toUnavailable(choice)] };
    case 'group':
      return pickMembers(choice, input, figures);
    case 'rules':
      return pickByRules(choice, input, figures);
    default:
      return choice satisfies never;
  }
}

const DIRECT: Inside = { route: '', reason: '' };
const NOTHING: Picked = {
  eligible: [],
  ineligible: [],
  off: [],
  route: 'model',
  reason: 'was asked for by name',
  rule: null,
  inside: DIRECT,
};

function pickTarget(target: Target, lack: string | null): Picked {
  return lack === null ? { ...NOTHING, eligible: [target] } : { ...NOTHING, ineligible: [toSkipped(target, lack)] };
}

function toUnavailable({ model, provider, upstream, reason }: Unavailable): Skipped {
  return { model, provider, upstream, target: null, reason };
}

/** A member that is a group itself stands where its own first target belongs. */
function pickMembers({ id, strategy, members }: Group, input: RuleInput, figures: Figures): Picked {
  const picks = members.map(({ weight, choice }) => ({
    weight,
    isTarget: choice.kind === 'target',
    ...pickFor(choice, input, figures, 'everything'),
  }));
  const ways = picks.flatMap((picked) => picked.eligible.slice(0, 1).map((target) => ({ ...picked, target })));
  const arranged = arrange(strategy, ways, figures);
  const eligible = arranged.flatMap((way) => way.eligible);
  const [first] = arranged;
  const inside = first === undefined || first.isTarget ? DIRECT : insideOf(first);
  const ineligible = picks.flatMap(({ weight, ineligible }) => ineligible.map((skipped) => ({ ...skipped, weight })));
  return {
    eligible,
    ineligible: eligible.length > 0 ? ineligible : arrange(strategy, ineligible, figures),
    off: picks.flatMap(({ off }) => off),
    route: `${id}: ${strategy}${inside.route}`,
    reason: `comes first in '${id}' by '${strategy}'${inside.reason}`,
    rule: null,
    inside,
  };
}

function insideOf({ route, reason }: Picked): Inside {
  return { route: `, ${route}`, reason: `, and ${reason}` };
}

/** The first rule that matches, and has a model that can do it; else the first that has any. */
function pickByRules({ id, rules, otherwise }: RuleSet, input: RuleInput, figures: Figures): Picked {
  const passed: Picked[] = [];
  for (const { name, condition, use } of rules) {
    if (!condition(input)) continue;
    const picked = pickMembers(use, input, figures);
    const { inside } = picked;
    const route = `${id}: rule ${name}, ${use.strategy}${inside.route}`;
    const reason = `comes first by '${use.strategy}' in rule '${name}' of '${id}', which matches${inside.reason}`;
    const found = { ...picked, route, reason, rule: name };
    if (found.eligible.length > 0) return withPassed(found, passed);
    passed.push(found);
  }
  const usable = passed.find(({ ineligible }) => ineligible.length > 0);
  if (usable)
    return withPassed(
      usable,
      passed.filter((other) => other !== usable),
    );
  const last = otherwise ? pickMembers(otherwise, input, figures) : NOTHING;
  const reason = `is what '${id}' has for requests that no rule leads anywhere${last.inside.reason}`;
  return withPassed({ ...last, route: `${id}: otherwise${last.inside.route}`, reason, rule: null }, passed);
}

function withPassed(picked: Picked, passed: readonly Picked[]): Picked {
  return {
    ...picked,
    ineligible: [...picked.ineligible, ...passed.flatMap(({ ineligible }) => ineligible)],
    off: [...passed.flatMap(({ off }) => off), ...picked.off],
  };
}
