import type { BudgetWindow } from '../../feed/keys.ts';
import type { KeyBody } from '../../feed/wire.ts';
import { dollars } from '../../parts/format.ts';
import { budgetLines, spentIn, WINDOW_WORDS, WINDOWS } from './facts.ts';
import { BudgetBar } from './spend.tsx';

interface WindowsProps {
  readonly of: KeyBody;
  readonly onReset: (window: BudgetWindow) => void;
}

/** What a key has spent, window by window, each with a way to begin it anew. */
export function Windows({ of: key, onReset }: WindowsProps) {
  if (key.usage === null) return <p class="quiet">Not known just now: the database cannot be read.</p>;
  const lines = new Map(budgetLines(key).map((line) => [line.window, line]));
  return (
    <ul class="windows">
      {WINDOWS.map((window) => {
        const line = lines.get(window);
        return (
          <li key={window}>
            {line === undefined ? (
              <span>
                {dollars(spentIn(key, window))} {WINDOW_WORDS[window]}
              </span>
            ) : (
              <BudgetBar line={line} />
            )}
            <button
              class="button"
              type="button"
              aria-label={`Reset what was spent ${WINDOW_WORDS[window]}`}
              disabled={spentIn(key, window) === 0}
              onClick={() => onReset(window)}
            >
              Reset
            </button>
          </li>
        );
      })}
    </ul>
  );
}
