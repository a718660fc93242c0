import type { Registry } from '../../src/routing/registry.ts';
import { type RescueWay, rescueWays } from '../../src/routing/rescue.ts';
import type { Target } from '../../src/routing/target.ts';

/** Who takes up an answer of a model that breaks off, in this order. */
export interface RescueRow {
  readonly model: string;
  readonly ways: readonly { readonly model: string; readonly provider: string; readonly way: RescueWay }[];
}

/** A row for each chat model of the registry that can be asked. Groups are rescued by their own members as well. */
export function rescueRows(registry: Registry): readonly RescueRow[] {
  return registry.list().flatMap(({ id, entry, targets: [target], choice, fallbacks }) => {
    if (entry.kind === 'embedding' || choice.kind !== 'target' || !target || target.provider.name === 'demo') return [];
    const next = fallbacks.flatMap((name) => registry.findUsable(name)?.targets.slice(0, 1) ?? []);
    return [{ model: id, ways: next.slice(0, target.policy.maxModels - 1).map((other) => wayOf(other, target)) }];
  });
}

function wayOf(other: Target, { policy }: Target): RescueRow['ways'][number] {
  const [way = 'aligned'] = rescueWays(other, policy.rescue);
  return { model: other.facts.model, provider: other.provider.name, way };
}

/** How many models the first who steps in takes up in which way; as one sentence. */
export function rescueSummary(rows: readonly RescueRow[]): string {
  const count = (way: RescueWay | undefined): number => rows.filter(({ ways }) => ways[0]?.way === way).length;
  return (
    `Of ${rows.length} chat models, the first who steps in takes up ${count('prefix')} after a prefix, ` +
    `${count('continued')} continued, ${count('aligned')} aligned; for ${count(undefined)} there is nobody.`
  );
}

/** The whole table, in Markdown. */
export function rescueTable(rows: readonly RescueRow[]): string {
  const lines = rows.map(({ model, ways }) => {
    const cells = ways.map((next) => `\`${next.model}\` (${next.provider}): ${next.way}`);
    return `| \`${model}\` | ${cells[0] ?? 'nobody'} | ${cells.slice(1).join(', ')} |`;
  });
  return ['| an answer of | is taken up by | then by |', '|---|---|---|', ...lines].join('\n');
}
