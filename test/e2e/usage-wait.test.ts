import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DONE_FRAME } from '../../src/protocol/sse.ts';
import { chatChunk, chatStream } from '../support/chat-answers.ts';
import { configFor, runGateway } from '../support/gateway.ts';
import { rawAnswer, runRawUpstream, writeForever } from '../support/raw-upstream.ts';
import { checkStream } from '../support/stream-rules.ts';

const HEAD = ['content-type: text/event-stream'];
const ENDED = String(chatStream('Hello').body);
/** Up to its finish reason: no usage, no `[DONE]`. */
const FINISHED = ENDED.slice(0, -DONE_FRAME.length);
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n';

afterEach(() => void vi.useRealTimers());

/** Asks a provider that says all in one packet and then does what `after` does. Its time stands still. */
async function ask(after: (socket: Socket) => void) {
  const upstream = await runRawUpstream((socket) => {
    socket.write(rawAnswer(HEAD, FINISHED));
    after(socket);
  });
  const gateway = await runGateway(configFor(upstream.url));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const response = await gateway.chat({ stream: true, stream_options: { include_usage: true } });
  const answer = { text: '', isEnded: false };
  const end = (async () => {
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) answer.text += decoder.decode(piece, { stream: true });
    answer.isEnded = true;
  })();
  // Its finish reason was in the packet of its word.
  while (!answer.text.includes('Hello')) await nextTurn();
  return { upstream, answer, end };
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

describe('the usage of an answer that has its finish_reason is waited for', () => {
  it.each<readonly [string, (socket: Socket) => void]>([
    ['says nothing more', () => undefined],
    ['floods comments', (socket) => writeForever(socket, () => ': still here\n\n')],
    ['floods words', (socket) => writeForever(socket, () => chatChunk(' more'))],
    ['floods half an event', (socket) => writeForever(socket, () => 'data: {"a":"xxxxxxxxxxxx')],
    ['repeats its last event', (socket) => writeForever(socket, () => FINISHED.slice(FINISHED.lastIndexOf('data:')))],
  ])('for two seconds when the provider %s', async (_name, after) => {
    const { upstream, answer, end } = await ask(after);
    await pass(1999);
    expect(answer.isEnded).toBe(false);
    await pass(1);
    await Promise.all([end, upstream.closed()]);
    const { choices, usage } = checkStream(answer.text, { includeUsage: true });
    expect(choices).toMatchObject([{ text: expect.stringMatching(/^Hello/), finish: 'stop' }]);
    expect(usage).toMatchObject({ completion_tokens: expect.any(Number) });
  });

  it('and sent when it comes in time, however often something else comes before', async () => {
    let provider: Socket | null = null;
    const { answer, end } = await ask((socket) => {
      provider = socket;
    });
    for (let count = 0; count < 19; count++) {
      (provider as Socket | null)?.write(': still here\n\n');
      await pass(100);
    }
    (provider as Socket | null)?.write(USAGE + DONE_FRAME);
    await end;
    expect(checkStream(answer.text, { includeUsage: true }).usage).toMatchObject({ total_tokens: 5 });
  });

  it('not at all where a choice (n: 2) is still to come', async () => {
    const upstream = await runRawUpstream((socket) => socket.write(rawAnswer(HEAD, FINISHED)));
    const gateway = await runGateway(configFor(upstream.url));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const response = await gateway.chat({ stream: true, n: 2 });
    let isEnded = false;
    const text = response.text().finally(() => {
      isEnded = true;
    });
    await pass(3000);
    expect(isEnded).toBe(false);
    vi.useRealTimers();
    await gateway.stop();
    await text.catch(() => undefined);
  });
});
