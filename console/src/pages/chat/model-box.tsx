import { useRef, useState } from 'preact/hooks';
import type { Attachment } from '../../answer/question.ts';
import type { ModelDetails } from '../../feed/wire.ts';
import { later } from '../../parts/later.tsx';
import { type ChosenModel, pinned, sectionsOf, whyNot } from './choice.ts';

const ModelList = later(async () => (await import('./model-list.tsx')).ModelList);

const ModelName = later(async () => (await import('./model-name.tsx')).ModelName);

interface ModelBoxProps {
  /** Null where they cannot be listed. */
  readonly models: readonly ModelDetails[] | null;
  readonly chosen: ChosenModel | null;
  /** What the model has to read. */
  readonly files: readonly Attachment[];
  readonly onPick: (id: string) => void;
}

/** Which model answers: one of a list, else one that is named. */
export function ModelBox({ models, ...rest }: ModelBoxProps) {
  return models === null ? <ModelName {...rest} /> : <ListedModels models={models} {...rest} />;
}

interface ListedModelsProps extends ModelBoxProps {
  readonly models: readonly ModelDetails[];
}

/** A box to type in, with the list of those that fit what is typed. */
function ListedModels({ models, chosen, files, onPick }: ListedModelsProps) {
  const box = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState<string | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const isOpen = words !== null;
  const sections = isOpen ? sectionsOf(models, pinned.value, words) : [];
  const options = sections.flatMap(({ models: some }) => some);
  const shown = options.find(({ id }) => id === active) ?? firstFor(options, chosen, files, words ?? '');
  const open = (text: string): void => {
    setWords(text);
    setActive(null);
  };
  const pick = (model: ModelDetails): void => {
    if (whyNot(model, files) !== null) return;
    setWords(null);
    onPick(model.id);
  };
  const move = (step: number): void => {
    const at = options.findIndex(({ id }) => id === shown?.id);
    setActive(options.at((at + step) % options.length)?.id ?? null);
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step !== undefined && !isOpen) open('');
    else if (step !== undefined && options.length > 0) move(step);
    else if (event.key === 'Enter' && shown && isOpen) pick(shown);
    else if (event.key === 'Escape' && isOpen) setWords(null);
    else if (event.key !== 'Enter') return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="picker">
      <label class="field">
        Model
        <input
          ref={box}
          role="combobox"
          autocomplete="off"
          spellcheck={false}
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={isOpen ? LIST : undefined}
          aria-activedescendant={isOpen && shown ? optionId(shown.id) : undefined}
          placeholder={isOpen ? (chosen?.id ?? '') : ''}
          value={words ?? chosen?.id ?? ''}
          onInput={(event) => open(event.currentTarget.value)}
          onClick={() => !isOpen && open('')}
          onKeyDown={onKey}
          onBlur={() => setWords(null)}
        />
      </label>
      {isOpen && <ModelList id={LIST} sections={sections} active={shown} chosen={chosen} files={files} onPick={pick} />}
    </div>
  );
}

const LIST = 'models-to-pick';
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** Names an option of the list in the page. */
export function optionId(model: string): string {
  return `model-${model}`;
}

/** Before anything is typed the chosen one; after that the one that is called so, else the first that can be asked. */
function firstFor(
  options: readonly ModelDetails[],
  chosen: ChosenModel | null,
  files: readonly Attachment[],
  words: string,
): ModelDetails | null {
  const wanted = words === '' ? chosen?.id : words.trim();
  const named = options.find(({ id }) => id === wanted);
  return named ?? options.find((model) => whyNot(model, files) === null) ?? options[0] ?? null;
}
