import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { AskedAgain } from '../../answer/asked-again.ts';
import type { Asked, Unsent } from '../../answer/conversation.ts';
import { pick } from '../../answer/picked-model.ts';
import { type Attachment, isEmpty, type Question } from '../../answer/question.ts';
import { keepDraft, readDraft } from '../../app/drafts.ts';
import { Attachments, useFiles } from './attachments.tsx';
import { ComposerBar, ModelsProblem } from './composer-bar.tsx';
import { settingsOf } from './kept-settings.ts';
import { useChosenModel } from './models.ts';

interface ComposerProps {
  /** Whose draft and settings it has. */
  readonly thread: string;
  /** What was said before, in tokens: it is sent along. */
  readonly tokensBefore: number;
  readonly isAnswering: boolean;
  /** What was said before, as it is sent along; nothing where it is missing. */
  readonly before?: () => AskedAgain['messages'];
  /** What was said before is not known: nothing can be sent yet. */
  readonly isUnknown?: boolean;
  /** A question that is asked anew, with what it had. */
  readonly edited?: Question;
  /** What could not be sent comes back into the box. */
  readonly unsent?: Unsent | null;
  /** Promises whether it was taken: what was not stays in the box. */
  readonly onSend: (asked: Asked) => Promise<boolean>;
  readonly onStop: () => void;
  /** Leaves a question as it was. */
  readonly onCancel?: () => void;
  /** Takes the last question into the box. */
  readonly onEditLast?: () => void;
}

/** Where the next question is written: `Enter` sends, `Shift+Enter` makes a line, `Esc` stops. */
export function Composer(props: ComposerProps) {
  const { thread, tokensBefore, isAnswering, edited, unsent = null, isUnknown = false } = props;
  const { onSend, onStop, onCancel, onEditLast, before = () => [] } = props;
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, write] = useText(edited === undefined ? thread : null, edited?.text ?? '');
  const files = useFiles(edited?.files ?? []);
  const [isSending, setSending] = useState(false);
  const { models, chosen, polled } = useChosenModel();
  const question = { text, files: files.attachments };
  // Before anything else can be focused.
  useLayoutEffect(() => box.current?.focus({ preventScroll: true }), []);
  // Stop is gone, and the focus with it.
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  }, [isAnswering]);
  useComeBack(unsent, question, (back) => {
    write(back.text);
    files.replace(back.files);
  });
  const isBusy = isAnswering || isSending || files.isReading;
  const canSend = !isEmpty(question) && !isBusy && !isUnknown && chosen !== null;
  const submit = async (): Promise<void> => {
    if (!canSend) return;
    setSending(true);
    if (await onSend({ question, model: chosen.id, settings: settingsOf(thread).peek() })) {
      write('');
      files.replace([]);
      // What the address wants is gone with the address.
      pick(chosen.id);
    }
    setSending(false);
    box.current?.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') (isAnswering ? onStop : onCancel)?.();
    else if (event.key === 'ArrowUp' && !event.altKey && isEmpty(question) && onEditLast) onEditLast();
    // An Enter that ends the choice of a sign, in Japanese or Chinese, is not one that sends.
    else if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    else void submit();
    event.preventDefault();
  };
  return (
    <div class="composer">
      <ModelsProblem models={models} polled={polled} />
      {edited && <p class="quiet">The new question makes a version of its own; what was said stays.</p>}
      <Attachments files={files} />
      <label class="field">
        {edited ? 'Your question, changed' : 'Message'}
        <textarea
          ref={box}
          class="box"
          rows={2}
          value={text}
          aria-keyshortcuts="/"
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKey}
          onPaste={(event) => files.take(event.clipboardData, event)}
        />
      </label>
      <ComposerBar
        {...{ thread, models, chosen, question, before, tokensBefore, isAnswering, canSend, onStop, onCancel }}
        onFiles={files.add}
        onSend={() => void submit()}
      />
    </div>
  );
}

/** A text that outlives a reload. @param thread whose draft it is; null keeps none */
function useText(thread: string | null, initial: string): readonly [text: string, write: (text: string) => void] {
  const [text, setText] = useState(() => (thread === null ? initial : readDraft(thread)));
  const write = (next: string): void => {
    setText(next);
    if (thread !== null) keepDraft(thread, next);
  };
  return [text, write];
}

/** What was not sent comes back into an empty box, and goes from it when it is sent after all. */
function useComeBack(unsent: Unsent | null, now: Question, replace: (question: Question) => void): void {
  const before = useRef<Question | null>(null);
  useEffect(() => {
    const back = unsent?.asked.question ?? null;
    if (back !== null && isEmpty(now)) replace(back);
    else if (back === null && before.current?.text === now.text) replace({ text: '', files: NO_FILES });
    before.current = back;
  }, [unsent]);
}

const NO_FILES: readonly Attachment[] = [];
