import { Dialog } from '../../parts/dialog.tsx';
import { ThreadList, type ThreadListProps } from './thread-list.tsx';

interface ThreadsDrawerProps {
  readonly list: ThreadListProps;
  readonly onClose: () => void;
}

/** The list of conversations where there is no room beside them; it closes with the choice of one. */
export function ThreadsDrawer({ list, onClose }: ThreadsDrawerProps) {
  return (
    <Dialog title="Conversations" onClose={onClose}>
      {/* Before the list, which may be long: a finger has no Escape. */}
      <p class="actions">
        <button class="button" type="button" onClick={onClose}>
          Close
        </button>
      </p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the links in it are what is clicked, by keys too */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link is a click */}
      <div onClick={({ target }) => target instanceof Element && target.closest('a') && onClose()}>
        <ThreadList {...list} />
      </div>
    </Dialog>
  );
}
