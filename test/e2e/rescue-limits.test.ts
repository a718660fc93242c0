import { describe, expect, it } from 'vitest';
import { DONE_FRAME, toFrame } from '../../src/protocol/sse.ts';
import { chatChunk, chatStream } from '../support/chat-answers.ts';
import { IMPATIENT, runPair } from '../support/fallback-pair.ts';
import {
  brokenAfter,
  CONTINUED,
  CUT,
  expectBroken,
  lastMessage,
  PREFILL,
  readStream,
  WHOLE,
  WORDS,
} from '../support/rescue.ts';
import type { UpstreamAnswer } from '../support/upstream.ts';

describe('no mid-stream failover (rescue)', () => {
  const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"a' } };
  const withCall = toFrame({ choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] });

  it('is tried for a tool call in progress', async () => {
    const pair = await runPair();
    pair.primary.answer(brokenAfter(chatChunk('The'), withCall));
    await expectBroken(pair);
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it('is tried with rescue: off', async () => {
    const pair = await runPair({ m: 'rescue: off' });
    pair.primary.answer(CUT);
    await expectBroken(pair);
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it.each([{ n: 2 }, { logprobs: true }, { fallbacks: [] }])('is tried for %o', async (body) => {
    const pair = await runPair();
    pair.primary.answer(CUT);
    await expectBroken(pair, body);
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it('sends a JSON text (response_format) as prefill: the model would begin with a brace again', async () => {
    const pair = await runPair(PREFILL);
    pair.primary.answer(brokenAfter(chatChunk('{"a":')));
    pair.fallback.answer(chatStream('{"a":', ' 1}'));
    const { choices } = await readStream(pair, { response_format: { type: 'json_object' } });
    expect(choices).toMatchObject([{ text: '{"a": 1}' }]);
    expect(lastMessage(pair)).toEqual({ role: 'user', content: 'Hello' });
  });

  it.each<[string, Partial<UpstreamAnswer>]>([
    ['cut', { destroyAfterBytes: String(CONTINUED.body).indexOf(DONE_FRAME) }],
    ['stalled', { stallAfterBytes: String(CONTINUED.body).indexOf(DONE_FRAME) }],
    ['cut within its last event', { destroyAfterBytes: String(CONTINUED.body).indexOf(DONE_FRAME) + 8 }],
  ])('is needed once the finish_reason was there: %s', async (_name, fault) => {
    const pair = await runPair({ m: 'stallAfterBytes' in fault ? IMPATIENT : '' });
    const answer = chatStream(...WORDS);
    const lost = String(answer.body).length - String(CONTINUED.body).length;
    const shifted = Object.fromEntries(Object.entries(fault).map(([key, at]) => [key, Number(at) + lost]));
    pair.primary.answer({ ...answer, ...shifted });
    expect((await readStream(pair)).choices).toMatchObject([{ text: WHOLE, finish: 'stop' }]);
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it('takes an answer for whole by the finish_reason of its first choice alone (n: 2)', async () => {
    const pair = await runPair();
    const finish = toFrame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    const answer = brokenAfter(chatChunk('The'), finish, chatChunk('x'));
    pair.primary.answer({ ...answer, destroyAfterBytes: String(answer.body).lastIndexOf('data:') });
    await expectBroken(pair, { n: 2 });
  });
});
