import { randomId } from '../feed/own-calls.ts';
import { createThread, forkThread } from '../feed/threads.ts';
import { type Asked, Conversation } from './conversation.ts';
import { firstCallOf, withoutFirstCall } from './first-call.ts';
import { keepOpen, tellFamily } from './open-conversations.ts';
import { type Said, START } from './said.ts';
import { versionMetadata } from './versions.ts';

/**
 * Asks something in the place of a question: a conversation of its own, with what stood before. The other one stays.
 * @throws ApiError
 */
export async function beginVersion(from: Conversation, instead: Said, asked: Asked): Promise<Conversation> {
  const { before } = instead;
  const thread = from.thread.peek();
  if (thread === null || before === null) throw new Error('A version is made of what is stored.');
  const metadata = { ...thread.metadata, ...versionMetadata(thread, before, Date.now()) };
  const made = await (before === START
    ? createThread(withoutFirstCall(metadata))
    : forkThread(from.id, before, metadata));
  const family = [...from.family.peek().filter(({ id }) => id !== thread.id), thread, made];
  tellFamily(family);
  const version = keepOpen(new Conversation(made.id));
  const said = from.said.peek();
  const kept = said.slice(
    0,
    said.findIndex(({ key }) => key === instead.key),
  );
  version.begin(made, family, kept, from.hasOlder.peek());
  version.send(asked, before);
  return version;
}

/** A new conversation of all that was said up to an answer. @returns its id @throws ApiError */
export async function branchAfter(from: Conversation, answer: Said): Promise<string> {
  const { title = '', first_call: call, first_call_at: at } = from.thread.peek()?.metadata ?? {};
  if (answer.id === null) throw new Error('A branch is made of what is stored.');
  const metadata = { title: `${title.slice(0, 200)} (branch)`.trim(), family: randomId() };
  const origin = call && at ? firstCallOf({ id: call, created_at: Number(at) }) : {};
  return (await forkThread(from.id, answer.id, { ...metadata, ...origin })).id;
}
