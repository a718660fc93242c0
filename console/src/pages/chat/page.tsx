import { useEffect, useRef, useState } from 'preact/hooks';
import { conversationAt } from '../../answer/open-conversations.ts';
import { place } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { usePoll } from '../../feed/poll.ts';
import { type ListedThread, listThreads } from '../../feed/threads.ts';
import { Icon } from '../../parts/icons.tsx';
import { later } from '../../parts/later.tsx';
import { useMedia } from '../../parts/media.ts';
import { Skeleton } from '../../parts/states.tsx';
import './chat.css';
import { NewThread } from './new-thread.tsx';
import { type Join, ThreadList } from './thread-list.tsx';
import { useKeys } from './use-keys.ts';

/** The parser of markdown is most of the page's program, and a new chat does without. */
const ThreadView = later(async () => (await import('./thread-view.tsx')).ThreadView, <Skeleton rows={4} />);

/** Most gateways keep conversations. */
const NotKept = later(async () => (await import('./not-kept.tsx')).NotKept);

const ThreadsDrawer = later(async () => (await import('./threads-drawer.tsx')).ThreadsDrawer);

const EVERY_MS = 5000;

/** Where there is no room for a list beside the conversation. */
const NARROW = '(max-width: 760px)';

/** What a key has to be granted for all of it. */
const ROUTES = ['conversations', 'responses'] as const;

/** Conversations with the models, kept by the gateway; `/c/:id` is one of them. */
export function ChatPage() {
  const granted = viewer.value?.routes ?? ROUTES;
  const missing = ROUTES.filter((route) => !granted.includes(route));
  return missing.length > 0 ? <NotKept missing={missing} /> : <Chat />;
}

function Chat() {
  const { path, query } = place.value;
  const [, , id] = path.split('/');
  const words = query.get('q') ?? '';
  const join = useRef<Join>((_words, newest) => newest);
  const threads = usePoll(async (abort) => join.current(words, await listThreads(words, abort)), 'threads', EVERY_MS);
  useKeys(async () => (await import('./shortcuts.ts')).addChatKeys);
  // One that has just begun is in the list at once; the list stays meanwhile, and with it the focus.
  const isBegun = useRef(false);
  useEffect(() => {
    if (isBegun.current) threads.reload();
    isBegun.current = true;
  }, [id, words]);
  useCatchUp(id ?? null, threads.data?.data);
  useEnd(id ?? null, threads.reload);
  const isNarrow = useMedia(NARROW);
  const [isListOpen, openList] = useState(false);
  if (threads.error?.status === 404) return <NotKept missing={[]} />;
  const list = { threads, join, current: id ?? null };
  const opener = isNarrow ? <ListButton onClick={() => openList(true)} /> : null;
  return (
    <div class="chat">
      {!isNarrow && <ThreadList {...list} />}
      {id === undefined ? (
        <NewThread opener={opener} />
      ) : (
        <ThreadView key={id} conversation={conversationAt(id)} opener={opener} onChanged={threads.reload} />
      )}
      {isNarrow && isListOpen && <ThreadsDrawer list={list} onClose={() => openList(false)} />}
    </div>
  );
}

/** What is said elsewhere in the conversation that is shown is seen by its place in the list. */
function useCatchUp(id: string | null, threads: readonly ListedThread[] | undefined): void {
  useEffect(() => {
    const listed = threads?.find((thread) => thread.id === id);
    if (listed !== undefined) void conversationAt(listed.id).catchUp(listed);
  }, [id, threads]);
}

/** The list says which one is being answered: it is read anew when the one that is shown is answered. */
function useEnd(id: string | null, reload: () => void): void {
  const isAnswering = id !== null && conversationAt(id).isAnswering.value;
  useEffect(() => (isAnswering ? reload : undefined), [id, isAnswering]);
}

function ListButton({ onClick }: { readonly onClick: () => void }) {
  return (
    <button class="button plain" type="button" aria-haspopup="dialog" aria-label="Conversations" onClick={onClick}>
      <Icon name="list" />
    </button>
  );
}
