import { useEffect, useRef, useState } from 'preact/hooks';
import { isOpen } from '../../answer/turn.ts';
import { useMedia } from '../../parts/media.ts';
import { AnswerColumn } from './answer-column.tsx';
import { type Comparison, reveal } from './comparison.ts';

/** Where two columns would be too narrow there are tabs. */
const NARROW = '(max-width: 899px)';

/** Both answers: side by side, or one at a time. */
export function Answers({ comparison }: { readonly comparison: Comparison }) {
  const { question, columns, isBlind } = comparison;
  const [chosen, choose] = useState(0);
  const isNarrow = useMedia(NARROW);
  const titles = titlesOf(comparison);
  const element = useRef<HTMLElement>(null);
  // The form fills a small screen: what was asked for would be below it.
  useEffect(() => {
    if (isNarrow && isOpen(columns[0].answer.peek())) element.current?.scrollIntoView();
  }, [columns[0]]);
  return (
    <section ref={element} aria-label="Answers">
      <div class="heading asked-both">
        <p>{question}</p>
        {isBlind && (
          <button class="button end" type="button" onClick={reveal}>
            Reveal the names
          </button>
        )}
      </div>
      <Progress comparison={comparison} />
      {isNarrow && <Tabs titles={titles} chosen={chosen} onChoose={choose} />}
      <div class="columns">
        {columns.map((column, at) => (
          <section
            key={column.requestId}
            class="column"
            id={`answer-${at}`}
            role={isNarrow ? 'tabpanel' : undefined}
            aria-label={titles[at]}
            hidden={isNarrow && at !== chosen}
          >
            <AnswerColumn
              column={column}
              other={columns[at === 0 ? 1 : 0]}
              title={titles[at] ?? ''}
              isBlind={isBlind}
            />
          </section>
        ))}
      </div>
    </section>
  );
}

/** Said aloud once, instead of every word of both. */
function Progress({ comparison: { columns } }: { readonly comparison: Comparison }) {
  const running = columns.filter(({ answer }) => isOpen(answer.value)).length;
  const words = ['Both answers have ended', 'One answer has ended', 'Answering'][running];
  return (
    <p class="hidden" role="status">
      {words}
    </p>
  );
}

function titlesOf({ columns, isBlind }: Comparison): readonly string[] {
  const names = columns.map(({ asked }) => asked.model);
  if (isBlind) return ['Answer 1', 'Answer 2'];
  // One model with other settings: the place tells them apart.
  return names[0] === names[1] ? names.map((name, at) => `${name} (${at + 1})`) : names;
}

interface TabsProps {
  readonly titles: readonly string[];
  readonly chosen: number;
  readonly onChoose: (at: number) => void;
}

function Tabs({ titles, chosen, onChoose }: TabsProps) {
  const onKey = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void => {
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    const next = chosen === 0 ? 1 : 0;
    onChoose(next);
    event.currentTarget.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Answers" onKeyDown={onKey}>
      {titles.map((title, at) => (
        <button
          key={title}
          class="button"
          type="button"
          role="tab"
          aria-selected={at === chosen}
          aria-controls={`answer-${at}`}
          tabIndex={at === chosen ? 0 : -1}
          onClick={() => onChoose(at)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
