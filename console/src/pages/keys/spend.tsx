import type { LimitsBody, SpentFigures } from '../../feed/wire.ts';
import { dollars } from '../../parts/format.ts';
import { type BudgetLine, budgetLines, sharesOf, WINDOW_WORDS } from './facts.ts';

/** What was spent, held against each window of the budget; without one, what was spent in all. */
export function Spend({ of }: { readonly of: LimitsBody & SpentFigures }) {
  const lines = budgetLines(of);
  if (lines.length === 0) return <span>{of.usage === null ? 'not known' : `${dollars(of.usage)} in all`}</span>;
  return (
    <span class="budgets">
      {lines.map((line) => (
        <BudgetBar key={line.window} line={line} />
      ))}
    </span>
  );
}

/** Spent is full, held is hollow: they are told apart without their colours. */
export function BudgetBar({ line }: { readonly line: BudgetLine }) {
  const { spent, held } = sharesOf(line);
  const tone = spent >= 100 ? 'used-up' : spent >= 80 ? 'nearly' : 'fine';
  return (
    <span class="budget">
      <svg class={tone} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="held" x={spent} y="2" width={held} height="6" />
        <rect class="spent" x="0" y="0" width={spent} height="10" />
      </svg>
      <span>
        {line.spent === null ? 'not known' : dollars(line.spent)} of {dollars(line.limit)}
        {line.isSoft && ' (soft)'} {WINDOW_WORDS[line.window]}
        {line.held > 0 && <span class="quiet"> · {dollars(line.held)} held</span>}
        {line.spent !== null && line.spent >= line.limit && <span class="bad"> · used up</span>}
      </span>
    </span>
  );
}
