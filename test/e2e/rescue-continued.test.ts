import { describe, expect, it } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { DONE_FRAME, toFrame } from '../../src/protocol/sse.ts';
import { chatChunk, chatStream } from '../support/chat-answers.ts';
import { BEHAVIOURS } from '../support/continuations.ts';
import { runPair } from '../support/fallback-pair.ts';
import { attemptsOf, brokenAfter, CONTINUED, CUT, lastMessage, readStream, WHOLE, WORDS } from '../support/rescue.ts';

describe('mid-stream failover (rescue) by telling another model to continue the answer', () => {
  const [before, after] = ['The sea is calm to-night. The tide is full, the moon', ' lies fair upon the straits.'];
  const whole = before + after;
  /** What the client gets, and what becomes of it, for each behaviour of the model that steps in. */
  const OUTCOMES: Readonly<Record<keyof typeof BEHAVIOURS, 'whole' | 'error'>> = {
    exact: 'whole',
    trimmed: 'error',
    'repeats words': 'whole',
    'repeats as asked': 'whole',
    'repeats the sentence': 'whole',
    'begins anew': 'whole',
    'apologises and goes on': 'whole',
    'apologises and trims': 'error',
    'apologises and repeats': 'whole',
    'apologises and begins anew': 'whole',
    'reopens the code': 'error',
    'puts dots before it': 'whole',
    different: 'error',
    'different, alike': 'error',
    refuses: 'error',
  };

  it.each(Object.entries(BEHAVIOURS))(
    'gives the whole answer, or upstream_stream_interrupted: %s',
    async (name, behave) => {
      const pair = await runPair();
      pair.primary.answer(brokenAfter(...(before.match(/\s*\S+/g) ?? []).map(chatChunk)));
      const said = behave(whole, before, () => 0.25);
      pair.fallback.answer({ ...chatStream(...(said.match(/\s*\S+/g) ?? [])), pieceBytes: 50 });
      const isWhole = OUTCOMES[name as keyof typeof BEHAVIOURS] === 'whole';
      const { choices, error } = await readStream(pair, {}, !isWhole);
      expect(choices).toMatchObject([isWhole ? { text: whole, finish: 'stop' } : { text: before }]);
      expect(error?.['message']).toEqual(isWhole ? undefined : expect.stringContaining('in other words'));
      expect(pair.attempts()).toEqual([1, 1]);
    },
  );

  it('sends the partial answer in the messages, with max_tokens reduced', async () => {
    const pair = await runPair();
    pair.primary.answer(CUT);
    pair.fallback.answer(CONTINUED);
    await readStream(pair, { max_tokens: 10 });
    expect(pair.fallback.requests[0]?.body).toMatchObject({
      max_tokens: 8,
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'The sea' },
        { role: 'user', content: expect.stringContaining('The sea') },
      ],
    });
  });

  it('goes to the next fallback where the continuation does not fit (other-words), and opens no circuit breaker', async () => {
    const pair = await runPair({ rest: 'breaker: { failures: 1 }\n' });
    pair.primary.answer((_request, number) => (number === 1 ? CUT : chatStream(...WORDS)));
    pair.fallback.answer(chatStream('Oceans', ' rest', ' at', ' night.'));
    const body = { fallbacks: ['other', 'p/second'] };
    // The first provider's own breaker is of another target.
    expect((await readStream(pair, body)).choices).toMatchObject([{ text: WHOLE, finish: 'stop' }]);
    const kinds = (await attemptsOf(pair)).map(({ failure }) => recordOf(failure)['kind'] ?? null);
    expect(kinds).toEqual(['interrupted', 'other-words', null]);
    await readStream(pair, { model: 'other' });
    expect(pair.attempts()[1]).toBe(2);
  });

  it('continues again when the fallback breaks off, also before its seam was sure', async () => {
    const pair = await runPair();
    pair.primary.answer((_request, number) => (number === 1 ? CUT : chatStream('The sea is calm', ' to-night.')));
    pair.fallback.answer(brokenAfter(chatChunk('The sea'), chatChunk(' is calm')));
    const { choices } = await readStream(pair, { fallbacks: ['other', 'p/second'] });
    expect(choices).toMatchObject([{ text: WHOLE, finish: 'stop' }]);
    pair.primary.answer((_request, number) => (number === 3 ? CUT : chatStream('The sea is calm', ' to-night.')));
    pair.fallback.answer(brokenAfter(chatChunk('The')));
    expect((await readStream(pair, { fallbacks: ['other', 'p/second'] })).choices).toMatchObject([{ text: WHOLE }]);
  });

  it('sums the usage over both models', async () => {
    const pair = await runPair();
    pair.primary.answer(CUT);
    const usage = { prompt_tokens: 200, completion_tokens: 3, total_tokens: 203 };
    const finish = toFrame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    const rest = WORDS.slice(2).map(chatChunk);
    pair.fallback.answer(brokenAfter(...rest, finish, toFrame({ choices: [], usage }), DONE_FRAME));
    const total = (await readStream(pair)).usage as { prompt_tokens: number; completion_tokens: number };
    expect(total.completion_tokens).toBe(5);
    expect(total.prompt_tokens).toBeLessThan(120);
  });

  it('may go on with a tool call', async () => {
    const pair = await runPair();
    pair.primary.answer(CUT);
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
    const called = toFrame({ choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] });
    const finish = toFrame({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] });
    pair.fallback.answer(brokenAfter(chatChunk('The sea'), called, finish, DONE_FRAME));
    expect((await readStream(pair)).choices).toMatchObject([{ text: 'The sea', finish: 'tool_calls' }]);
  });

  it('does not continue JSON (response_format: json_object): it asks anew', async () => {
    const pair = await runPair();
    pair.primary.answer(brokenAfter(chatChunk('{"a":')));
    pair.fallback.answer(chatStream('{"a":', ' 1}'));
    const { choices } = await readStream(pair, { response_format: { type: 'json_object' } });
    expect(choices).toMatchObject([{ text: '{"a": 1}' }]);
    expect(lastMessage(pair)).toEqual({ role: 'user', content: 'Hello' });
  });
});
