import type { UsageSumsBody } from '../../feed/wire.ts';
import { compact, count, dollars, percent, plural } from '../../parts/format.ts';
import { CallsLink } from './calls-link.tsx';
import type { Period } from './period.ts';
import { type Asker, callsPath, type Question } from './question.ts';
import { hasEstimatedCost, hasEstimatedTokens, shareOf } from './sums.ts';

interface HeadlineProps {
  readonly total: UsageSumsBody;
  readonly asked: Question;
  readonly asker: Asker;
  readonly period: Period;
}

/** What all of it came to. */
export function Headline({ total, asked, asker, period }: HeadlineProps) {
  const { calls, failed, cancelled, wasted_tokens: wasted, calls_with_unknown_cost: unknown } = total;
  const callsWith = (filters: Readonly<Record<string, string>>): string | null =>
    callsPath(asked, period, filters, asker);
  const isGuess = hasEstimatedTokens(total);
  const about = isGuess ? '≈' : '';
  const cached = total.prompt_tokens === 0 ? 0 : total.cached_tokens / total.prompt_tokens;
  return (
    <ul class="headline" aria-label="All together">
      <li>
        <strong>{costWords(total)}</strong>
        <span class="quiet">
          {noteOfCost(total)}
          {unknown > 0 && ', '}
          {unknown > 0 && (
            <CallsLink to={callsWith({ unknown_cost: 'true' })}>
              {plural(unknown, 'call')} without a known price
            </CallsLink>
          )}
        </span>
      </li>
      <li>
        <strong title={`${count(total.prompt_tokens, isGuess)} and ${count(total.completion_tokens, isGuess)} tokens`}>
          {about}
          {compact(total.prompt_tokens)} in · {about}
          {compact(total.completion_tokens)} out
        </strong>
        <span class="quiet">tokens, {percent(Number(cached.toFixed(2)))} of the prompts cached</span>
      </li>
      <li>
        <strong>
          <CallsLink to={callsWith({})}>{plural(calls, 'call')}</CallsLink>
        </strong>
        <span>
          <CallsLink to={callsWith({ outcome: 'failed' })}>{count(failed)} failed</CallsLink> ·{' '}
          <CallsLink to={callsWith({ outcome: 'cancelled' })}>{count(cancelled)} cancelled</CallsLink>
        </span>
      </li>
      <li>
        <strong>{dollars(total.wasted_cost_usd)}</strong>
        <span class="quiet">wasted: {plural(wasted, 'token')} of attempts that bought no answer</span>
      </li>
    </ul>
  );
}

/** Partly estimated, it is about so much. */
export function costWords(sums: UsageSumsBody): string {
  return dollars(sums.cost_usd, hasEstimatedCost(sums));
}

function noteOfCost({ cost_usd: cost, estimated_cost_usd: estimated }: UsageSumsBody): string {
  const share = shareOf(estimated, cost);
  if (share === null || share === 0) return 'cost';
  return `cost, ${percent(Math.max(0.01, Number(share.toFixed(2))))} of it estimated`;
}
