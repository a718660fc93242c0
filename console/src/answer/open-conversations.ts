import { randomId } from '../feed/own-calls.ts';
import { createThread, type Thread } from '../feed/threads.ts';
import { type Asked, Conversation } from './conversation.ts';
import { titleOf } from './question.ts';

const open = new Map<string, Conversation>();

/** A conversation by its id, read once per visit. */
export function conversationAt(id: string): Conversation {
  const known = open.get(id);
  if (known !== undefined) return keepOpen(known);
  const made = keepOpen(new Conversation(id));
  void made.load();
  return made;
}

/** So many stay in memory; the others are read again when they are opened. */
const MAX_OPEN = 20;

/** The one that was opened last goes last; what is being answered or was not sent is not given up. */
export function keepOpen(conversation: Conversation): Conversation {
  open.delete(conversation.id);
  open.set(conversation.id, conversation);
  for (const [id, { isLoaded, turn, unsent }] of open) {
    if (open.size <= MAX_OPEN) break;
    if (isLoaded.peek() && turn.peek() === null && unsent.peek() === null) open.delete(id);
  }
  return conversation;
}

/** Tells the conversations of a family that are open of all of it. */
export function tellFamily(family: readonly Thread[]): void {
  for (const { id } of family) {
    const known = open.get(id);
    if (known !== undefined) known.family.value = family;
  }
}

/** A conversation of this visit has another title. */
export function retitle(thread: Thread): void {
  const known = open.get(thread.id);
  if (known !== undefined) known.thread.value = thread;
}

/** A conversation that was erased is not shown again. */
export function forgetConversation(id: string): void {
  open.delete(id);
}

/** Begins a conversation with its first question. @param abort leaves it while it is not made @throws ApiError @throws DOMException `AbortError` */
export async function beginConversation(asked: Asked, abort: AbortSignal): Promise<Conversation> {
  const thread = await createThread({ title: titleOf(asked.question), family: randomId() }, abort);
  const made = keepOpen(new Conversation(thread.id));
  made.begin(thread, [thread], [], false);
  made.send(asked);
  return made;
}
