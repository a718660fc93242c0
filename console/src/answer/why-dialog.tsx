import { usePoll } from '../feed/poll.ts';
import { explainChoice } from '../feed/router.ts';
import type { Explanation } from '../feed/wire.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { count, dollars, duration, percent } from '../parts/format.ts';
import { Problem, Skeleton } from '../parts/states.tsx';
import { WideBox } from '../parts/wide-box.tsx';
import type { AskedAgain } from './asked-again.ts';
import { toChatBody } from './router-question.ts';

interface WhyDialogProps {
  readonly asked: AskedAgain;
  readonly onClose: () => void;
}

/** Who would answer these messages now, and why. It spends nothing. */
export function WhyDialog({ asked, onClose }: WhyDialogProps) {
  const choice = usePoll((abort) => explainChoice(toChatBody(asked), abort), 'why', null);
  const { data, error, isSlow, reload } = choice;
  return (
    <Dialog title="Why this model" isWide onClose={onClose}>
      <p class="quiet">
        Who would answer <code>{asked.model}</code> now, for what was said up to here. This asks no model and spends
        nothing.
      </p>
      {data !== null && <Choice choice={data} />}
      {data === null && error === null && <Skeleton rows={4} isSlow={isSlow} retry={reload} />}
      {data === null && error !== null && <Problem message={error.message} error={error} retry={reload} />}
      <div class="actions">
        <button class="button" type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

const COLUMNS = [
  { title: 'Model' },
  { title: 'Estimate', isNumber: true },
  { title: 'TTFT p50', isNumber: true },
  { title: 'Errors', isNumber: true },
  { title: 'Breaker' },
  { title: 'Fits' },
  { title: 'Asked' },
];

function Choice({ choice: { reason, rule, route, candidates } }: { readonly choice: Explanation }) {
  return (
    <>
      <p>
        <strong>{reason}</strong>
      </p>
      <p class="quiet">
        Route <code>{route}</code>
        {rule !== null && `, by the rule “${rule}”`}
      </p>
      <WideBox label="Candidates">
        <table class="cards" aria-label="Candidates">
          <thead>
            <tr>
              <ColumnHeads columns={COLUMNS} />
            </tr>
          </thead>
          <tbody>
            {candidates.map((one, at) => (
              <Candidate key={at} candidate={one} />
            ))}
          </tbody>
        </table>
      </WideBox>
    </>
  );
}

type OneCandidate = Explanation['candidates'][number];

function Candidate({ candidate }: { readonly candidate: OneCandidate }) {
  const { model, provider, chosen, skipped, breaker } = candidate;
  return (
    <tr aria-current={chosen ? 'true' : undefined}>
      <th scope="row" data-label="Model">
        <span>
          {model}
          {provider !== null && <span class="quiet"> · {provider}</span>}
        </span>
      </th>
      <td class="number" data-label="Estimate">
        {dollars(candidate.estimated_cost_usd, true)}
      </td>
      <td class="number" data-label="TTFT p50">
        {duration(candidate.ttft_ms.p50)}
      </td>
      <td class="number" data-label="Errors">
        {percent(candidate.error_rate)}
      </td>
      <td data-label="Breaker">{breaker?.replace('_', ' ') ?? '–'}</td>
      <td data-label="Fits">{fitWords(candidate)}</td>
      <td data-label="Asked">{skipped ?? (chosen ? 'first' : 'if others fail')}</td>
    </tr>
  );
}

function fitWords({ fits, context_window: window }: OneCandidate): string {
  if (fits === null || window === null) return '–';
  return `${fits ? 'yes' : 'no'}, of ${count(window)}`;
}
