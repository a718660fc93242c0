import type { SomeCall } from '../feed/calls.ts';
import { duration } from './format.ts';
import { Icon } from './icons.tsx';
import './waterfall.css';

type Attempt = SomeCall['attempts'][number];

/** The attempts of a call as bars over its time, each with its figures in words. */
export function Waterfall({ call }: { readonly call: SomeCall }) {
  const begin = Date.parse(call.created_at);
  const whole = Math.max(1, call.age_ms);
  return (
    <ol class="waterfall">
      {call.attempts.map((attempt) => (
        <li key={attempt.number}>
          <strong>{attempt.model}</strong> <span class="quiet">{attempt.provider}</span>
          <Bar attempt={attempt} begin={begin} whole={whole} tone={toneOf(call, attempt)} />
          <span>{wordsOf(attempt, Date.parse(attempt.started_at) - begin)}</span>
          {attempt.failure && (
            <span class="bad">
              {' '}
              <Icon name="cross" /> {attempt.failure.kind}
              {attempt.failure.status > 0 && ` ${attempt.failure.status}`}: {attempt.failure.message}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

/** Of a call that was cancelled, what had not failed until then went neither well nor wrong. */
function toneOf({ state }: SomeCall, { failure }: Attempt): string {
  if (failure) return 'failed';
  return state === 'cancelled' ? 'cut' : '';
}

interface BarProps {
  readonly attempt: Attempt;
  readonly begin: number;
  readonly whole: number;
  readonly tone: string;
}

/** The wait for the first token is hollow, the answer full. */
function Bar({ attempt, begin, whole, tone }: BarProps) {
  const start = Math.max(0, Date.parse(attempt.started_at) - begin);
  const took = attempt.duration_ms ?? Math.max(0, whole - start);
  const waited = Math.min(attempt.ttft_ms ?? took, took);
  const share = (ms: number): number => Math.min(100, (ms / whole) * 100);
  return (
    <svg class="attempt" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class={`wait ${tone}`} x={share(start)} y="3.5" height="3" width={Math.max(0.6, share(waited))} />
      <rect class={`flow ${tone}`} x={share(start + waited)} y="1" height="8" width={share(took - waited)} />
    </svg>
  );
}

function wordsOf({ ttft_ms: ttft, duration_ms: took, rescue }: Attempt, startedAfter: number): string {
  const parts = [`after ${duration(Math.max(0, startedAfter))}`];
  if (ttft !== null) parts.push(`first token ${duration(ttft)}`);
  parts.push(took === null ? 'running' : `took ${duration(took)}`);
  if (rescue !== null) parts.push(`went on with the answer (${rescue})`);
  return parts.join(' · ');
}
