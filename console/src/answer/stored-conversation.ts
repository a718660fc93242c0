import { listInput, listItems } from '../feed/conversations.ts';
import { familyOf } from '../feed/families.ts';
import { type ListedThread, listFamily, listThreads, readThread, type Thread } from '../feed/threads.ts';
import { type Said, START, saidOf } from './said.ts';
import { saidAtEnd, saidIn } from './stored-said.ts';

/** A conversation as the gateway keeps it. */
export interface StoredConversation {
  readonly thread: Thread;
  /** The conversations that hold other versions of it, and it itself. */
  readonly family: readonly Thread[];
  /** What was said last, and what is being answered. */
  readonly said: readonly Said[];
  /** Whether something was said before. */
  readonly hasOlder: boolean;
  /** Id of the last item that is stored, or {@link START}. */
  readonly last: string;
  /** Id of the response that is coming; null where none is. */
  readonly running: string | null;
}

/** Reads a conversation, with what was said last. @throws ApiError */
export async function readConversation(id: string, abort: AbortSignal): Promise<StoredConversation> {
  const isThis = (one: ListedThread): boolean => one.id === id;
  const thread = await readThread(id, abort);
  const family = await listFamily(familyOf(thread), abort);
  const known = family.find(isThis) ?? (await listThreads('', abort)).data.find(isThis);
  // After the question what runs: what ends in between is stored by then.
  const page = await listItems(id, null, abort);
  const asked = known?.running ? await listInput(known.running, abort) : [];
  const isStored = page.items.some((item) => asked.some((one) => one.id === item.id));
  const running = isStored ? null : (known?.running ?? null);
  const last = page.items.at(-1)?.id ?? START;
  const before = running === null ? await saidAtEnd(page, thread, abort) : saidIn(page, thread);
  const said = running === null ? before : [...before, ...saidOf(asked, last)];
  return { thread, family, said, hasOlder: page.hasOlder, last, running };
}
