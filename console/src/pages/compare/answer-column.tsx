import type { Column } from '../../answer/column.ts';
import type { Completion } from '../../answer/completion.ts';
import { isOpen } from '../../answer/turn.ts';
import { Markdown } from '../../markdown/markdown.tsx';
import { Problem } from '../../parts/states.tsx';
import { askAgain } from './asking.ts';
import { Outcome } from './outcome.tsx';
import { settingsWords } from './sides.ts';

interface AnswerColumnProps {
  readonly column: Column;
  readonly other: Column;
  readonly title: string;
  readonly isBlind: boolean;
}

/** One of the two answers, with what it came to and how it did against the other. */
export function AnswerColumn({ column, other, title, isBlind }: AnswerColumnProps) {
  const answer = column.answer.value;
  const isRunning = isOpen(answer);
  const settings = settingsWords(column.asked.settings);
  return (
    <>
      <div class="heading">
        <h2>{title}</h2>
        {!isBlind && answer.model !== null && answer.model !== column.asked.model && (
          <span class="quiet">answered by {answer.model}</span>
        )}
        {!isBlind && settings !== '' && <span class="quiet">{settings}</span>}
        {isRunning && (
          <button class="button end" type="button" aria-label={`Stop ${title}`} onClick={() => void column.stop()}>
            Stop
          </button>
        )}
      </div>
      <div role="log" aria-live="off" aria-busy={isRunning} aria-label={`Answer of ${title}`}>
        {answer.reasoning !== '' && (
          <details>
            <summary>What it thought</summary>
            <p class="quiet thought">{answer.reasoning}</p>
          </details>
        )}
        <Markdown text={answer.text} />
      </div>
      <State answer={answer} />
      <Troubles column={column} isBlind={isBlind} />
      {!isRunning && <Outcome column={column} other={other} title={title} isBlind={isBlind} />}
    </>
  );
}

function State({ answer: { phase, text, reasoning, finish, dropped } }: { readonly answer: Completion }) {
  const words = {
    sending: 'Waiting …',
    waiting: 'Waiting …',
    streaming: text === '' && reasoning !== '' ? 'Thinking …' : '',
    done: finish === 'length' ? 'Cut off: it had no more tokens.' : finish === 'stop' ? '' : `Ended by ${finish}.`,
    stopped: text === '' ? 'Stopped before it said anything.' : 'Stopped.',
    failed: text === '' ? '' : 'It broke off here.',
  }[phase];
  return (
    <>
      {words !== '' && <p class="quiet">{words}</p>}
      {dropped.length > 0 && <p class="warn">Not sent, as this model does not take it: {dropped.join(', ')}.</p>}
    </>
  );
}

function Troubles({ column, isBlind }: Pick<AnswerColumnProps, 'column' | 'isBlind'>) {
  const { problem, model } = column.answer.value;
  const stopProblem = column.stopProblem.value;
  const names = isBlind ? [column.asked.model, model ?? ''] : [];
  return (
    <>
      {problem !== null && (
        <Problem message={without(names, problem.message)} error={problem} retry={() => askAgain(column)} />
      )}
      {stopProblem !== null && (
        <Problem message={stopProblem.message} error={stopProblem} retry={() => void column.end()} />
      )}
    </>
  );
}

/** Errors name the model, which a blind test must not. */
function without(names: readonly string[], text: string): string {
  return names.filter((name) => name !== '').reduce((rest, name) => rest.replaceAll(name, '…'), text);
}
