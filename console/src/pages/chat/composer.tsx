import { useEffect, useRef, useState } from 'preact/hooks';
import { keepDraft, readDraft } from '../../app/drafts.ts';
import { listModels } from '../../feed/figures.ts';
import { usePoll } from '../../feed/poll.ts';
import { Problem } from '../../parts/states.tsx';

interface ComposerProps {
  /** Whose draft it is. */
  readonly thread: string;
  readonly isAnswering: boolean;
  /** Promises whether it was taken: what was not stays in the box. */
  readonly onSend: (input: string, model: string) => Promise<boolean>;
  readonly onStop: () => void;
}

/** Where the next question is written: `Enter` sends, `Shift+Enter` makes a line, `Esc` stops. */
export function Composer({ thread, isAnswering, onSend, onStop }: ComposerProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(readDraft(thread));
  const [isSending, setSending] = useState(false);
  const { data: models, error, reload } = usePoll(listModels, 'models', null);
  const [chosen, choose] = useState(readDraft('model'));
  const model =
    models?.find(({ id }) => id === chosen)?.id ?? models?.find(({ id }) => id === 'auto')?.id ?? models?.[0]?.id;
  useEffect(() => box.current?.focus(), []);
  const write = (next: string): void => {
    setText(next);
    keepDraft(thread, next);
  };
  const submit = async (): Promise<void> => {
    if (text.trim() === '' || isAnswering || isSending || model === undefined) return;
    setSending(true);
    if (await onSend(text, model)) write('');
    setSending(false);
    box.current?.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && isAnswering) onStop();
    // An Enter that ends the choice of a sign, in Japanese or Chinese, is not one that sends.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {models === null && error !== null && error.status !== 0 && (
        <Problem message={error.message} error={error} retry={reload} />
      )}
      <label class="field">
        Message
        <textarea
          ref={box}
          rows={3}
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKey}
        />
      </label>
      <div class="heading">
        <label class="field pick">
          Model
          <select
            value={model ?? ''}
            onChange={(event) => {
              choose(event.currentTarget.value);
              keepDraft('model', event.currentTarget.value);
            }}
          >
            {models?.map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        {isAnswering ? (
          <button class="button danger end" type="button" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button
            class="button primary end"
            type="submit"
            disabled={isSending || text.trim() === '' || model === undefined}
          >
            Send
          </button>
        )}
      </div>
    </form>
  );
}
