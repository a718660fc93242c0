import { useEffect } from 'preact/hooks';
import { conversationAt } from '../../answer/conversation.ts';
import { place } from '../../app/router.ts';
import { listThreads } from '../../feed/conversations.ts';
import { usePoll } from '../../feed/poll.ts';
import { Empty } from '../../parts/states.tsx';
import './chat.css';
import { ThreadList } from './thread-list.tsx';
import { NewThread, ThreadView } from './thread-view.tsx';

const EVERY_MS = 5000;

/** Conversations with the models, kept by the gateway; `/c/:id` is one of them. */
export function ChatPage() {
  const [, , id] = place.value.path.split('/');
  const threads = usePoll(listThreads, 'threads', EVERY_MS);
  // One that has just begun is in the list at once; the list stays meanwhile, and with it the focus.
  useEffect(() => {
    if (threads.data !== null) threads.reload();
  }, [id]);
  if (threads.error?.status === 404) return <NotKept />;
  return (
    <div class="chat">
      <ThreadList threads={threads} current={id ?? null} />
      {id === undefined ? <NewThread /> : <ThreadView key={id} conversation={conversationAt(id)} />}
    </div>
  );
}

function NotKept() {
  return (
    <>
      <h1>Chat</h1>
      <Empty>
        This gateway keeps no conversations (<code>responses.store</code> is off), and Chat needs them. The API answers
        without.
      </Empty>
    </>
  );
}
