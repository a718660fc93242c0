import type { Choice, Group, Off, RuleSet } from './choice.ts';
import { lackOf } from './needs.ts';
import type { Subject } from './rules.ts';
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
  readonly able: readonly Target[];
  /** What cannot, and is asked only when nothing can. */
  readonly unable: readonly Unable[];
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

type Unable = Skipped & { readonly target: Target };

/** Chooses for one request. Whoever names a model gets it, unless it cannot take the request's content at all. */
export function pick(choice: Choice, subject: Subject, figures: Figures): Picked {
  return pickFor(choice, subject, figures, 'content');
}

/** Makes the record of a target that is not asked. */
export function toSkipped(target: Target, reason: string): Unable {
  const { facts, provider } = target;
  return { model: facts.model, provider: provider.name, upstream: facts.upstream, target, reason };
}

function pickFor(choice: Choice, subject: Subject, figures: Figures, only: 'content' | 'everything'): Picked {
  switch (choice.kind) {
    case 'target':
      return pickTarget(choice.target, lackOf(choice.target.facts, subject.needs, only));
    case 'off':
      return { ...NOTHING, off: [toOff(choice)] };
    case 'group':
      return pickMembers(choice, subject, figures);
    case 'rules':
      return pickByRules(choice, subject, figures);
    default:
      return choice satisfies never;
  }
}

const DIRECT: Inside = { route: '', reason: '' };
const NOTHING: Picked = {
  able: [],
  unable: [],
  off: [],
  route: 'model',
  reason: 'was asked for by name',
  rule: null,
  inside: DIRECT,
};

function pickTarget(target: Target, lack: string | null): Picked {
  return lack === null ? { ...NOTHING, able: [target] } : { ...NOTHING, unable: [toSkipped(target, lack)] };
}

function toOff({ model, provider, upstream, reason }: Off): Skipped {
  return { model, provider, upstream, target: null, reason };
}

/** A member that is a group itself stands where its own first target belongs. */
function pickMembers({ id, strategy, members }: Group, subject: Subject, figures: Figures): Picked {
  const picks = members.map(({ weight, choice }) => ({
    weight,
    isTarget: choice.kind === 'target',
    ...pickFor(choice, subject, figures, 'everything'),
  }));
  const ways = picks.flatMap((picked) => picked.able.slice(0, 1).map((target) => ({ ...picked, target })));
  const arranged = arrange(strategy, ways, figures);
  const able = arranged.flatMap((way) => way.able);
  const [first] = arranged;
  const inside = first === undefined || first.isTarget ? DIRECT : insideOf(first);
  const unable = picks.flatMap(({ weight, unable }) => unable.map((skipped) => ({ ...skipped, weight })));
  return {
    able,
    unable: able.length > 0 ? unable : arrange(strategy, unable, figures),
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
function pickByRules({ id, rules, otherwise }: RuleSet, subject: Subject, figures: Figures): Picked {
  const passed: Picked[] = [];
  for (const { name, condition, use } of rules) {
    if (!condition(subject)) continue;
    const picked = pickMembers(use, subject, figures);
    const { inside } = picked;
    const route = `${id}: rule ${name}, ${use.strategy}${inside.route}`;
    const reason = `comes first by '${use.strategy}' in rule '${name}' of '${id}', which matches${inside.reason}`;
    const found = { ...picked, route, reason, rule: name };
    if (found.able.length > 0) return withPassed(found, passed);
    passed.push(found);
  }
  const usable = passed.find(({ unable }) => unable.length > 0);
  if (usable)
    return withPassed(
      usable,
      passed.filter((other) => other !== usable),
    );
  const last = otherwise ? pickMembers(otherwise, subject, figures) : NOTHING;
  const reason = `is what '${id}' has for requests that no rule leads anywhere${last.inside.reason}`;
  return withPassed({ ...last, route: `${id}: otherwise${last.inside.route}`, reason, rule: null }, passed);
}

function withPassed(picked: Picked, passed: readonly Picked[]): Picked {
  return {
    ...picked,
    unable: [...picked.unable, ...passed.flatMap(({ unable }) => unable)],
    off: [...passed.flatMap(({ off }) => off), ...picked.off],
  };
}
