import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Thread } from '../../feed/threads.ts';
import { useAction } from '../../parts/action.ts';
import { renameAll } from './thread-changes.ts';

interface RenameProps {
  readonly thread: Thread;
  readonly onRenamed: () => void;
  /** It has the new title, or keeps the old one. */
  readonly onEnd: () => void;
}

/** In place of a title the box to change it in: `Enter` keeps it, `Esc` leaves it. */
export function Rename({ thread, onRenamed, onEnd }: RenameProps) {
  const box = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState(thread.metadata?.['title'] ?? '');
  useLayoutEffect(() => box.current?.select(), []);
  const { isBusy, problem, run } = useAction(async () => {
    await renameAll(thread, title.trim());
    onRenamed();
    onEnd();
  });
  return (
    <form
      class="rename"
      onSubmit={run}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // The page stops an answer with it.
        event.stopPropagation();
        onEnd();
      }}
    >
      <label class="field">
        <span class="hidden">Title</span>
        <input
          ref={box}
          required
          maxLength={200}
          value={title}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      <button class="button primary" type="submit" disabled={isBusy || title.trim() === ''}>
        Rename
      </button>
      <button class="button" type="button" onClick={onEnd}>
        Cancel
      </button>
      {problem && (
        <p class="problem" role="alert">
          {problem.message}
        </p>
      )}
    </form>
  );
}
