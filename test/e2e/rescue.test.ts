import { describe, expect, it } from 'vitest';
import { DONE_FRAME, KEEPALIVE_FRAME, toFrame } from '../../src/protocol/sse.ts';
import { chatChunk, chatStream } from '../support/chat-answers.ts';
import { chatError, IMPATIENT, runPair } from '../support/fallback-pair.ts';
import {
  attemptsOf,
  brokenAfter,
  brokenAt,
  CONTINUED,
  CUT,
  expectBroken,
  lastMessage,
  PREFILL,
  readStream,
  WHOLE,
  WORDS,
} from '../support/rescue.ts';
import { checkStream } from '../support/stream-rules.ts';

describe('mid-stream failover (rescue) of an answer that breaks off', () => {
  it.each([
    ['cut', brokenAt('destroyAfterBytes')],
    ['stalled', brokenAt('stallAfterBytes')],
    ['ended without a finish reason', CUT],
    ['turned to garbage', brokenAfter(chatChunk('The'), chatChunk(' sea'), 'data: {"choi\n\n')],
    ['ended by an error', brokenAfter(chatChunk('The'), chatChunk(' sea'), toFrame({ error: { message: 'gone' } }))],
  ])('is continued by a prefill model, given the beginning as prefix: %s', async (_name, broken) => {
    const pair = await runPair({ ...PREFILL, m: 'stallAfterBytes' in broken ? IMPATIENT : '' });
    pair.primary.answer(broken);
    pair.fallback.answer(CONTINUED);
    const { choices, model } = await readStream(pair);
    expect([choices[0]?.text, choices[0]?.finish, model]).toEqual([WHOLE, 'stop', 'm']);
    expect(lastMessage(pair)).toEqual({ role: 'assistant', content: 'The sea' });
    expect(pair.attempts()).toEqual([1, 1]);
  });

  it('rescue: exact asks any other model anew, and leaves out the text that repeats', async () => {
    const pair = await runPair({ m: 'rescue: exact' });
    pair.primary.answer(CUT);
    pair.fallback.answer(chatStream('Th', 'e s', 'ea is', ' calm to-night.'));
    expect((await readStream(pair)).choices).toMatchObject([{ text: WHOLE, finish: 'stop' }]);
    expect(lastMessage(pair)).toEqual({ role: 'user', content: 'Hello' });
  });

  it('rescue: exact asks anew where the prefill is refused', async () => {
    const pair = await runPair({ ...PREFILL, m: 'rescue: exact' });
    pair.primary.answer(CUT);
    pair.fallback.answer((_request, number) =>
      number === 1 ? chatError(400, 'invalid_prefill') : chatStream(...WORDS),
    );
    expect((await readStream(pair)).choices).toMatchObject([{ text: WHOLE }]);
    expect(lastMessage(pair, 2)).toEqual({ role: 'user', content: 'Hello' });
  });

  it('asks to continue where the prefill is refused, and asks anew where that is refused as well', async () => {
    const pair = await runPair(PREFILL);
    pair.primary.answer(CUT);
    pair.fallback.answer((_request, number) => (number < 3 ? chatError(400, 'invalid_roles') : chatStream(...WORDS)));
    expect((await readStream(pair)).choices).toMatchObject([{ text: WHOLE }]);
    expect([lastMessage(pair, 1), lastMessage(pair, 2), lastMessage(pair, 3)]).toMatchObject([
      { role: 'assistant' },
      { role: 'user', content: expect.stringContaining('Continue it exactly') },
      { role: 'user', content: 'Hello' },
    ]);
    const ways = (await attemptsOf(pair)).map(({ rescue }) => rescue);
    expect(ways).toEqual([null, 'prefix', 'continued', 'aligned']);
  });

  it('gives the whole answer also where the prefill is ignored by the model', async () => {
    const pair = await runPair(PREFILL);
    pair.primary.answer(CUT);
    pair.fallback.answer(chatStream(...WORDS));
    expect((await readStream(pair)).choices).toMatchObject([{ text: WHOLE }]);
  });

  it('ends with upstream_stream_interrupted where the other model has other words', async () => {
    const pair = await runPair();
    pair.primary.answer(CUT);
    pair.fallback.answer(chatStream('The', ' ocean', ' rests.'));
    const { choices, error } = await expectBroken(pair);
    expect(choices).toMatchObject([{ text: 'The sea' }]);
    expect(error?.['message']).toContain('other words');
    await pair.fallback.requests[0]?.closed;
  });

  it('ends with the original error where the fallback fails too', async () => {
    const pair = await runPair({ m: IMPATIENT });
    pair.primary.answer(brokenAt('stallAfterBytes'));
    pair.fallback.answer(chatError(503, 'overloaded'));
    expect((await expectBroken(pair)).error?.['message']).toContain('within 400 ms');
    expect(pair.attempts()).toEqual([1, 1]);
  });

  it('is rescued again by the next fallback when the rescue breaks off', async () => {
    const pair = await runPair(PREFILL);
    pair.primary.answer((_request, number) => (number === 1 ? CUT : chatStream(...WORDS)));
    pair.fallback.answer(brokenAfter(chatChunk(' is'), chatChunk(' calm')));
    const { choices } = await readStream(pair, { fallbacks: ['other', 'p/second'] });
    expect(choices).toMatchObject([{ text: WHOLE, finish: 'stop' }]);
    expect(pair.attempts()).toEqual([2, 1]);
  });

  it('sums the usage over both models: what was sent is completion, not prompt', async () => {
    const pair = await runPair(PREFILL);
    pair.primary.answer(CUT);
    const usage = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 };
    const rest = [
      ...WORDS.slice(2).map(chatChunk),
      toFrame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    ];
    pair.fallback.answer(brokenAfter(...rest, toFrame({ choices: [], usage }), DONE_FRAME));
    expect((await readStream(pair)).usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });
  });

  it('ignores the usage that the broken attempt reported', async () => {
    const pair = await runPair();
    const usage = { prompt_tokens: 3000, completion_tokens: 1, total_tokens: 3001 };
    pair.primary.answer(brokenAfter(chatChunk('The'), toFrame({ choices: [], usage }), chatChunk(' sea')));
    pair.fallback.answer(chatStream(...WORDS));
    expect((await readStream(pair)).usage).toMatchObject({ prompt_tokens: 6, completion_tokens: 7 });
  });

  it('reduces max_tokens by what was sent', async () => {
    const pair = await runPair(PREFILL);
    pair.primary.answer(CUT);
    pair.fallback.answer(CONTINUED);
    await readStream(pair, { max_tokens: 10 });
    expect(pair.fallback.requests[0]?.body).toMatchObject({ max_tokens: 8 });
  });

  it('sends keepalive comments while it is rescued', async () => {
    const pair = await runPair({ ...PREFILL, keepalive: '20ms' });
    pair.primary.answer(CUT);
    pair.fallback.answer({ ...CONTINUED, isSilent: true });
    const response = await pair.gateway.chat({ stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    // A slow machine may get keepalives before the answer breaks off.
    await pair.fallback.request(1);
    let received = '';
    const readMore = async (): Promise<string> => {
      const read = await reader?.read();
      received += read?.value ?? '';
      return read?.done ? 'the end' : received;
    };
    await expect.poll(readMore, { interval: 1 }).toContain(KEEPALIVE_FRAME);
    pair.fallback.release();
    await expect.poll(readMore, { interval: 1 }).toBe('the end');
    expect(checkStream(received).choices).toMatchObject([{ text: WHOLE }]);
  });
});

describe('a stream error in the same network read as text', () => {
  const broken = [chatChunk('The'), chatChunk(' sea'), toFrame({ error: { message: 'no', code: 'invalid_prompt' } })];

  it.each([5, 10_000])('comes after the text, however the bytes are cut: %i', async (pieceBytes) => {
    const pair = await runPair({ m: 'rescue: off' });
    pair.primary.answer({ ...brokenAfter(...broken), pieceBytes });
    const response = await pair.gateway.chat({ stream: true });
    expect(response.status).toBe(200);
    const { choices } = checkStream(await response.text(), { isFailed: true });
    expect(choices).toMatchObject([{ text: 'The sea' }]);
  });
});
