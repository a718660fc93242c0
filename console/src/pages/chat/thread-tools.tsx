import { useRef, useState } from 'preact/hooks';
import type { Conversation } from '../../answer/conversation.ts';
import { go } from '../../app/router.ts';
import { Icon } from '../../parts/icons.tsx';
import { later } from '../../parts/later.tsx';
import { Rename } from './rename.tsx';
import { ThreadSum } from './thread-sum.tsx';

const ThreadDialog = later(async () => (await import('./thread-dialog.tsx')).ThreadDialog);

interface ThreadToolsProps {
  readonly conversation: Conversation;
  /** The list is to be read anew. */
  readonly onChanged: () => void;
}

/** Beside the title of a conversation: another title, what it cost, and what else can be done with it. */
export function ThreadTools({ conversation, onChanged }: ThreadToolsProps) {
  const [open, setOpen] = useState<'rename' | 'more' | null>(null);
  const pen = useRef<HTMLButtonElement>(null);
  const thread = conversation.thread.value;
  if (thread === null) return null;
  const close = (): void => setOpen(null);
  if (open === 'rename')
    return (
      <Rename
        thread={thread}
        onRenamed={onChanged}
        onEnd={() => {
          close();
          requestAnimationFrame(() => pen.current?.focus());
        }}
      />
    );
  return (
    <>
      <button
        ref={pen}
        class="button plain"
        type="button"
        aria-label="Change the title"
        onClick={() => setOpen('rename')}
      >
        <Icon name="pen" />
      </button>
      <ThreadSum conversation={conversation} />
      <button
        class="button plain"
        type="button"
        aria-haspopup="dialog"
        aria-label="More of this conversation"
        onClick={() => setOpen('more')}
      >
        <Icon name="more" />
      </button>
      {open === 'more' && (
        <ThreadDialog thread={thread} onChanged={onChanged} onRemoved={() => go('/')} onClose={close} />
      )}
    </>
  );
}
