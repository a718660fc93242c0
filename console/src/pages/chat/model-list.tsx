import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Attachment } from '../../answer/question.ts';
import type { ModelDetails } from '../../feed/wire.ts';
import { type ChosenModel, factsOf, type ModelSection, whyNot } from './choice.ts';
import { optionId } from './model-box.tsx';

interface ModelListProps {
  readonly id: string;
  readonly sections: readonly ModelSection[];
  /** The one that the keyboard is at. */
  readonly active: ModelDetails | null;
  readonly chosen: ChosenModel | null;
  readonly files: readonly Attachment[];
  readonly onPick: (model: ModelDetails) => void;
}

/** The models that fit what is typed; the focus stays in the box above. */
export function ModelList({ id, sections, active, chosen, files, onPick }: ModelListProps) {
  const list = useRef<HTMLDivElement>(null);
  const [isBelow, setBelow] = useState(false);
  // On the side of the box where there is more room.
  useLayoutEffect(() => {
    const box = list.current?.parentElement?.getBoundingClientRect();
    setBelow(box !== undefined && box.top + box.bottom < innerHeight);
  }, []);
  useEffect(() => {
    list.current?.querySelector('.active')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div ref={list} id={id} class={isBelow ? 'model-list below' : 'model-list'} role="listbox" aria-label="Models">
      {sections.length === 0 && (
        // biome-ignore lint/a11y/useFocusableInteractive: the box has the focus
        <div class="option quiet" role="option" aria-selected={false} aria-disabled="true">
          No model fits. Take a word away to see more.
        </div>
      )}
      {sections.map(({ title, models }) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
        <div key={title} role="group" aria-label={title}>
          <p class="section-title" aria-hidden="true">
            {title}
          </p>
          {models.map((model) => (
            <Option
              key={model.id}
              model={model}
              reason={whyNot(model, files)}
              isActive={model.id === active?.id}
              isChosen={model.id === chosen?.id}
              onPick={onPick}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

interface OptionProps {
  readonly model: ModelDetails;
  /** Why it cannot be picked. */
  readonly reason: string | null;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly onPick: (model: ModelDetails) => void;
}

function Option({ model, reason, isActive, isChosen, onPick }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the box names the active one, and has the focus
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the box
    <div
      id={optionId(model.id)}
      class={isActive ? 'option active' : 'option'}
      role="option"
      aria-selected={isChosen}
      aria-disabled={reason !== null}
      // The box keeps the focus.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => onPick(model)}
    >
      <b>{model.id}</b>
      <small class="quiet">{reason ?? factsOf(model, Date.now())}</small>
    </div>
  );
}
