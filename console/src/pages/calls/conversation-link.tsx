import { href } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { ownerOf, type SomeCall } from '../../feed/calls.ts';
import { readConversationOf } from '../../feed/conversation-of.ts';
import { usePoll } from '../../feed/poll.ts';

/** Leads to the conversation that one's own call is of, where it is kept. */
export function ConversationLink({ call }: { readonly call: SomeCall }) {
  const { data } = usePoll(
    async (abort) => ({ conversation: await readConversationOf(call.id, abort) }),
    mayBeStored(call) ? call.id : null,
    null,
  );
  if (!data?.conversation) return null;
  return (
    <p>
      <a href={href(`/c/${encodeURIComponent(data.conversation)}`)}>Open in Chat</a>
    </p>
  );
}

/** Only responses are stored, and only one's own are found. */
function mayBeStored(call: SomeCall): boolean {
  const own = viewer.value;
  const isOwn = own !== null && ownerOf(call) === (own.hash ?? own.name);
  return isOwn && own.features.conversations && call.path === '/v1/responses' && call.id.startsWith('resp_');
}
