import type { GoalCheck, Goals } from '../../feed/wire.ts';
import { duration, percent } from '../../parts/format.ts';
import { Icon } from '../../parts/icons.tsx';

interface Target {
  readonly name: Exclude<keyof Goals, 'passing'>;
  readonly title: string;
  /** Whether the goal itself is good enough. */
  readonly sign: '≤' | '<';
  readonly show: (value: number | null) => string;
}

const TARGETS: readonly Target[] = [
  { name: 'ttft_p95', title: 'First token, p95', sign: '≤', show: duration },
  { name: 'latency_p50', title: 'Whole answer, p50', sign: '≤', show: duration },
  { name: 'latency_p95', title: 'Whole answer, p95', sign: '≤', show: duration },
  { name: 'error_rate', title: 'Errors', sign: '<', show: percent },
  { name: 'cancel_p95', title: 'Cancel, p95', sign: '<', show: duration },
];

/** Each target with what was measured; where nothing was, it says so and does not pass. */
export function Targets({ goals }: { readonly goals: Goals }) {
  return (
    <ul class="targets">
      {TARGETS.map(({ name, title, sign, show }) => (
        <li key={name}>
          <span class="quiet">{title}</span>
          <strong>{show(goals[name].value)}</strong>
          <span>
            {sign} {show(goals[name].target)} <Verdict check={goals[name]} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Verdict({ check: { value, passing } }: { readonly check: GoalCheck }) {
  if (value === null) return <span class="quiet">not measured yet</span>;
  return (
    <span class={passing ? 'good' : 'bad'}>
      <Icon name={passing ? 'check' : 'cross'} /> {passing ? 'met' : 'missed'}
    </span>
  );
}
