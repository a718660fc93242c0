import { useState } from 'preact/hooks';
import type { ApiError } from '../../feed/client.ts';
import { exportThread, type Thread } from '../../feed/threads.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { removeAll, renameAll } from './thread-changes.ts';

interface ThreadDialogProps {
  readonly thread: Thread;
  readonly onChanged: () => void;
  /** It is gone from the gateway, and still in the list. */
  readonly onRemoved: () => void;
  readonly onClose: () => void;
}

/** A conversation by its title: called otherwise, written into a file, or erased. */
export function ThreadDialog({ thread, onChanged, onRemoved, onClose }: ThreadDialogProps) {
  const [title, setTitle] = useState(thread.metadata?.['title'] ?? '');
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem((error as ApiError).message);
    }
  };
  const rename = async (): Promise<void> => {
    await renameAll(thread, title.trim());
    onChanged();
    onClose();
  };
  const remove = async (): Promise<void> => {
    await removeAll(thread);
    onClose();
    onRemoved();
    onChanged();
  };
  return (
    <Dialog title="Conversation" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(rename);
        }}
      >
        <label class="field">
          Title
          <input required maxLength={200} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <p class="actions">
          <button class="button" type="button" onClick={() => void attempt(() => save(thread, 'md'))}>
            Export as Markdown
          </button>
          <button class="button" type="button" onClick={() => void attempt(() => save(thread, 'json'))}>
            Export as JSON
          </button>
        </p>
        {isAsked && <p class="warn">It is erased from the gateway, with all its versions. This cannot be undone.</p>}
        <p class="actions">
          <button class="button danger" type="button" onClick={() => (isAsked ? void attempt(remove) : setAsked(true))}>
            {isAsked ? 'Delete for good' : 'Delete'}
          </button>
          <button class="button" type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="button primary" type="submit" disabled={title.trim() === ''}>
            Rename
          </button>
        </p>
      </form>
    </Dialog>
  );
}

async function save({ id }: Thread, format: 'md' | 'json'): Promise<void> {
  const address = URL.createObjectURL(await exportThread(id, format));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${id}.${format}`;
  link.click();
  // The browser has begun to write the file by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
