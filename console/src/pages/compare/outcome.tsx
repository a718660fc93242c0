import { useState } from 'preact/hooks';
import type { Column } from '../../answer/column.ts';
import { pick } from '../../answer/picked-model.ts';
import { go, href } from '../../app/router.ts';
import { toApiError } from '../../feed/client.ts';
import { count, dollars, duration } from '../../parts/format.ts';
import { continueWith } from './asking.ts';
import { type Figures, figuresOf } from './figures.ts';
import { type Judged, verdictOf } from './verdict.ts';

interface OutcomeProps {
  readonly column: Column;
  readonly other: Column;
  readonly title: string;
  readonly isBlind: boolean;
}

/** What an answer came to, how it did against the other, and what can be done with it. */
export function Outcome({ column, other, title, isBlind }: OutcomeProps) {
  const own = judged(column);
  // What was refused before it became a call has none.
  const hasFigures = column.record.value !== null || column.answer.value.text !== '';
  return (
    <>
      {hasFigures && (
        <dl class="figures">
          {rowsOf(own.figures).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <p class="verdict">{verdictOf(own, judged(other))}</p>
      <div class="heading">
        {column.answer.value.text !== '' && <Continue column={column} title={title} />}
        {!isBlind && own.isMeasured && column.record.value !== null && (
          <a href={href(`/calls/${encodeURIComponent(column.requestId)}`)}>
            Its call<span class="hidden"> of {title}</span>
          </a>
        )}
      </div>
    </>
  );
}

function judged({ answer, record }: Column): Judged {
  const figures = figuresOf(answer.value, record.value);
  return { phase: answer.value.phase, isMeasured: record.value !== undefined, figures };
}

function rowsOf(figures: Figures): readonly (readonly [string, string])[] {
  const { ttftMs, totalMs, tokensPerSecond: speed, input, output, isEstimate, attempts } = figures;
  const about = isEstimate ? '≈' : '';
  const tokens = (value: number | null): string => (value === null ? '–' : `${about}${count(value)}`);
  return [
    ['First token', duration(ttftMs)],
    ['Total', duration(totalMs)],
    ['Speed', speed === null ? '–' : `${about}${count(Math.round(speed))} tok/s`],
    ['Tokens', `${tokens(input)}→${tokens(output)}`],
    ['Cost', dollars(figures.costUsd, figures.isCostEstimate)],
    // One is what is expected.
    ...(attempts !== null && attempts > 1 ? [['Attempts', count(attempts)] as const] : []),
  ];
}

function Continue({ column, title }: Pick<OutcomeProps, 'column' | 'title'>) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const follow = async (): Promise<void> => {
    setBusy(true);
    try {
      const id = await continueWith(column);
      // The chat goes on with the model that gave the answer.
      pick(column.asked.model);
      go(`/c/${id}`);
    } catch (error) {
      const { status, message } = toApiError(error);
      setProblem(status === 404 ? 'This gateway keeps no conversations: responses.store is off.' : message);
      setBusy(false);
    }
  };
  return (
    <>
      <button
        class="button"
        type="button"
        disabled={isBusy}
        aria-label={`Continue with this one: ${title}`}
        onClick={() => void follow()}
      >
        Continue with this one
      </button>
      {problem && (
        <span class="problem" role="alert">
          {problem}
        </span>
      )}
    </>
  );
}
