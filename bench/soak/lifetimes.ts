import { deepEqual, equal } from 'node:assert/strict';
import type { ReadAnswer } from '../../lab/answer-reader.ts';
import type { Caller } from './client.ts';
import { chat, expectAnswer, expectError, type Kind } from './kind.ts';
import { BIG_PROMPT, TEXT } from './text.ts';

const RESUMABLE = { 'x-sluice-resumable': 'true' };

function cancel({ id, ask }: Caller): Promise<ReadAnswer> {
  return ask({ path: `/v1/requests/${id}`, method: 'DELETE' });
}

async function cancelStream(caller: Caller, model: string): Promise<void> {
  const listener = await caller.listen(chat(caller, model, { stream: true }));
  await listener.until(1);
  // The second one is told the same.
  for (const { json } of [await cancel(caller), await cancel(caller)]) equal(json['state'], 'cancelled');
  expectError(await listener.finish(), 200, 'request_cancelled');
}

async function cancelWaiting(caller: Caller): Promise<void> {
  const asking = caller.ask(chat(caller, 'silent'));
  await caller.untilState('waiting');
  equal((await cancel(caller)).json['state'], 'cancelled');
  expectError(await asking, 499, 'request_cancelled');
}

async function leaveStream(caller: Caller, model: string): Promise<void> {
  const listener = await caller.listen(chat(caller, model, { stream: true }));
  await listener.until(1);
  listener.leave();
  await caller.untilState('cancelled');
}

async function leaveWaiting(caller: Caller, prompt?: string): Promise<void> {
  const gone = new AbortController();
  const manner = chat(caller, 'silent', { stream: true, ...(prompt && { prompt }) });
  const asking = caller.ask({ ...manner, signal: gone.signal });
  const ended = asking.then(
    () => 'answered',
    () => 'left',
  );
  await caller.untilState('waiting');
  gone.abort();
  equal(await ended, 'left');
  await caller.untilState('cancelled');
}

/** Loses the connection and takes the stream up again: no event may be missing, and none come twice. */
async function resume(caller: Caller, model: string): Promise<void> {
  const listener = await caller.listen(chat(caller, model, { stream: true, headers: RESUMABLE }));
  await listener.until(TEXT.length / 4);
  listener.leave();
  const { ids, text, isDone } = listener.answer;
  const headers = { 'last-event-id': ids.at(-1) ?? '' };
  const rest = await caller.ask({ path: `/v1/requests/${caller.id}/stream`, headers });
  const all = [...ids, ...rest.ids];
  deepEqual(
    all,
    all.map((_, at) => String(at + 1)),
  );
  // A caller that was slow may have had the whole answer already.
  expectAnswer({ ...rest, text: text + rest.text, isDone: isDone || rest.isDone });
}

/** Nobody comes back: the call ends by itself after its grace. */
async function abandon(caller: Caller): Promise<void> {
  const listener = await caller.listen(chat(caller, 'endless', { stream: true, headers: RESUMABLE }));
  await listener.until(1);
  listener.leave();
}

/** Calls that end, or are left, before their answer does. */
export const LIFETIMES: readonly Kind[] = [
  { name: 'cancelled stream, chat', share: 15, outcome: 'cancelled', run: (caller) => cancelStream(caller, 'endless') },
  {
    name: 'cancelled stream, Gemini',
    share: 10,
    outcome: 'cancelled',
    run: (caller) => cancelStream(caller, 'gemini-endless'),
  },
  { name: 'cancelled before the answer', share: 10, outcome: 'cancelled', run: cancelWaiting },
  { name: 'client leaves a stream', share: 20, outcome: 'cancelled', run: (caller) => leaveStream(caller, 'endless') },
  {
    name: 'client leaves a long answer',
    share: 2,
    outcome: 'cancelled',
    run: (caller) => leaveStream(caller, 'long'),
  },
  { name: 'client leaves before the answer', share: 10, outcome: 'cancelled', run: (caller) => leaveWaiting(caller) },
  {
    name: 'client leaves, prompt of 1 MB',
    share: 2,
    outcome: 'cancelled',
    run: (caller) => leaveWaiting(caller, BIG_PROMPT),
  },
  { name: 'resumed stream, chat', share: 20, outcome: 'completed', run: (caller) => resume(caller, 'paced') },
  { name: 'resumed stream, Gemini', share: 10, outcome: 'completed', run: (caller) => resume(caller, 'gemini-paced') },
  { name: 'resumable stream left for good', share: 5, outcome: 'cancelled', run: abandon },
];
