import { useRef, useState } from 'preact/hooks';
import type { AskedAgain } from '../../answer/asked-again.ts';
import { promptCost, tokensIn } from '../../answer/estimate.ts';
import { pick } from '../../answer/picked-model.ts';
import { isEmpty, type Question } from '../../answer/question.ts';
import { type ChatSettings, countSet, toFields } from '../../answer/settings.ts';
import { go, place, withQuery } from '../../app/router.ts';
import type { ModelDetails } from '../../feed/wire.ts';
import { count, dollars } from '../../parts/format.ts';
import { Icon } from '../../parts/icons.tsx';
import { later } from '../../parts/later.tsx';
import { priceNow } from '../../parts/model-facts.ts';
import { Problem } from '../../parts/states.tsx';
import { type ChosenModel, pinned, togglePin, whyNot } from './choice.ts';
import { keepSettings, settingsOf } from './kept-settings.ts';
import { ModelBox } from './model-box.tsx';
import type { ModelChoice } from './models.ts';

const WhyDialog = later(async () => (await import('../../answer/why-dialog.tsx')).WhyDialog);
const SettingsDrawer = later(async () => (await import('./settings-drawer.tsx')).SettingsDrawer);

interface ComposerBarProps {
  readonly thread: string;
  readonly models: readonly ModelDetails[] | null;
  readonly chosen: ChosenModel | null;
  readonly question: Question;
  /** What was said before, as it is sent along. */
  readonly before: () => AskedAgain['messages'];
  readonly tokensBefore: number;
  readonly isAnswering: boolean;
  readonly canSend: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onSend: () => void;
  readonly onStop: () => void;
  readonly onCancel: (() => void) | undefined;
}

/** Below the box: files, model, settings, what it may cost, and the button. */
export function ComposerBar(props: ComposerBarProps) {
  const {
    thread,
    models,
    chosen,
    question,
    before,
    tokensBefore,
    isAnswering,
    canSend,
    onFiles,
    onSend,
    onStop,
    onCancel,
  } = props;
  const reason = chosen && whyNot(chosen, question.files);
  const wanted = place.value.query.get('model');
  const isOther = chosen !== null && wanted !== null && wanted !== chosen.id && !chosen.aliases.includes(wanted);
  return (
    <>
      <div class="tools">
        <FileButton onFiles={onFiles} />
        <ModelBox models={models} chosen={chosen} files={question.files} onPick={pickHere} />
        {chosen && models && <PinButton id={chosen.id} />}
        {chosen && <WhyButton model={chosen.id} {...{ thread, question, before }} />}
        <SettingsButton thread={thread} />
        <Estimate
          {...{ question, chosen }}
          tokens={tokensBefore + tokensIn(question.text) + tokensIn(settingsOf(thread).value.instructions)}
        />
        {onCancel && (
          <button class="button" type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
        {/* Two buttons, by their keys: a click that begins on the one does not end on the other. */}
        {isAnswering ? (
          <button key="stop" class="button danger end" type="button" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button key="send" class="button primary end" type="button" disabled={!canSend} onClick={onSend}>
            Send
          </button>
        )}
      </div>
      {isOther && (
        <p class="warn" role="status">
          {wanted} cannot be asked; {chosen.id} is.
        </p>
      )}
      {reason && (
        <p class="warn" role="status">
          {chosen.id}: {reason} Pick another model, or it is asked all the same.
        </p>
      )}
    </>
  );
}

/** What the address wants is over once the reader picks. */
function pickHere(id: string): void {
  pick(id);
  if (place.peek().query.has('model')) go(withQuery({ model: null }), true);
}

function FileButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        class="button plain"
        type="button"
        aria-label="Add pictures or PDF"
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept="image/png,image/jpeg,image/webp,image/gif,application/pdf"
        onChange={({ currentTarget }) => {
          // The browser's own list is emptied with the next line.
          onFiles([...(currentTarget.files ?? [])]);
          // So that one that was taken away can be picked again.
          currentTarget.value = '';
        }}
      />
    </>
  );
}

function PinButton({ id }: { readonly id: string }) {
  const isPinned = pinned.value.includes(id);
  return (
    <button
      class={isPinned ? 'button plain pinned' : 'button plain'}
      type="button"
      aria-pressed={isPinned}
      aria-label={`Pin ${id} to the top of the list`}
      onClick={() => togglePin(id)}
    >
      <Icon name="pin" />
    </button>
  );
}

type WhyButtonProps = Pick<ComposerBarProps, 'thread' | 'question' | 'before'> & { readonly model: string };

/** Who would answer, asked before it is sent. */
function WhyButton({ model, thread, question, before }: WhyButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const asked = (): AskedAgain => ({
    ...{ model, fields: toFields(settingsOf(thread).peek()) },
    messages: [...before(), { role: 'user', ...question }],
  });
  return (
    <>
      <button
        class="button plain"
        type="button"
        aria-haspopup="dialog"
        title="Who would answer this, and why"
        onClick={() => setOpen(true)}
      >
        Why?
      </button>
      {isOpen && <WhyDialog asked={asked()} onClose={() => setOpen(false)} />}
    </>
  );
}

function SettingsButton({ thread }: { readonly thread: string }) {
  const [isOpen, setOpen] = useState(false);
  const settings = settingsOf(thread).value;
  const set = countSet(settings);
  const save = (changed: ChatSettings): void => keepSettings(thread, changed);
  return (
    <>
      <button class="button" type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Settings{set > 0 && ` (${set})`}
      </button>
      {isOpen && <SettingsDrawer settings={settings} onSave={save} onClose={() => setOpen(false)} />}
    </>
  );
}

interface EstimateProps {
  readonly question: Question;
  readonly chosen: ChosenModel | null;
  readonly tokens: number;
}

/** What sending costs, before the answer. Nothing is known of files. */
function Estimate({ question, chosen, tokens }: EstimateProps) {
  if (isEmpty(question)) return <span class="estimate" />;
  const price = chosen?.pricing ? priceNow(chosen.pricing, Date.now()) : null;
  const cost = promptCost(tokens, price?.input ?? null);
  const { length } = question.files;
  const parts = [
    tokens > 0 && `≈${count(tokens)} tok`,
    length > 0 && `${length} ${length === 1 ? 'file' : 'files'}`,
    length === 0 && cost !== null && dollars(cost, true),
  ];
  return (
    <span
      class="estimate quiet"
      title="Estimated, for the question and what was said before; the answer is not counted"
    >
      {parts.filter(Boolean).join(' ')}
    </span>
  );
}

/** Why there is no model to pick. */
export function ModelsProblem({ models, polled: { data, error, reload } }: Pick<ModelChoice, 'models' | 'polled'>) {
  // Where they cannot be listed, the box for the name says so.
  if (models === null) return null;
  if (data === null && error !== null && error.status !== 0)
    return <Problem message={error.message} error={error} retry={reload} />;
  if (data === null || data.some(({ available, kind }) => available && kind === 'chat')) return null;
  return <p class="notice warning">Your key may use no model that answers now. Its owner can change that.</p>;
}
