import { useEffect, useRef } from 'preact/hooks';
import { addShortcuts } from '../../app/shortcuts.ts';
import { dollars } from '../../parts/format.ts';
import { isComparing, stopAll } from './comparison.ts';
import type { Estimate } from './estimate.ts';

const SHORTCUTS = [
  { keys: 'Enter', title: 'Send to both', where: 'Compare' },
  { keys: 'Shift+Enter', title: 'New line', where: 'Compare' },
  { keys: 'Escape', title: 'Stop both', where: 'Compare', run: stopAll },
];

interface QuestionFormProps {
  readonly question: string;
  readonly isBlind: boolean;
  readonly estimates: readonly Estimate[];
  readonly onQuestion: (question: string) => void;
  readonly onBlind: (isBlind: boolean) => void;
}

/** Where the question is written: `Enter` sends, `Shift+Enter` makes a line, `Esc` stops. */
export function QuestionForm({ question, isBlind, estimates, onQuestion, onBlind }: QuestionFormProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => box.current?.focus(), []);
  useEffect(() => addShortcuts(SHORTCUTS), []);
  const isRunning = isComparing();
  // The button that had the focus is gone.
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  }, [isRunning]);
  const onKey = (event: KeyboardEvent): void => {
    // An Enter that ends the choice of a sign, in Japanese or Chinese, is not one that sends.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!isRunning) box.current?.form?.requestSubmit();
  };
  return (
    <>
      <label class="field question">
        Question
        <textarea
          ref={box}
          rows={3}
          value={question}
          onInput={(event) => onQuestion(event.currentTarget.value)}
          onKeyDown={onKey}
        />
      </label>
      <div class="heading">
        <label class="tick">
          <input type="checkbox" checked={isBlind} onChange={(event) => onBlind(event.currentTarget.checked)} /> Blind:
          hide the names and mix the sides
        </label>
        <span class="quiet end">{priceWords(estimates)}</span>
        {/* Two buttons, by their keys: one that turned into the other while it is clicked would send again. */}
        {isRunning ? (
          <button key="stop" class="button danger" type="button" onClick={stopAll}>
            Stop both
          </button>
        ) : (
          <button key="send" class="button primary" type="submit" disabled={question.trim() === ''}>
            Send to both
          </button>
        )}
      </div>
    </>
  );
}

function priceWords(estimates: readonly Estimate[]): string {
  const known = estimates.map(({ usd }) => usd).filter((usd) => usd !== null);
  const sum = known.length === estimates.length ? known.reduce((total, usd) => total + usd, 0) : null;
  return `Both calls are real: ${dollars(sum, true)}`;
}
