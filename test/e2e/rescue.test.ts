import { describe, expect, it } from 'vitest';
import { type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { DONE_FRAME, KEEPALIVE_FRAME, toFrame } from '../../src/protocol/sse.ts';
import { chatChunk, chatStream } from '../support/chat-answers.ts';
import { BEHAVIOURS } from '../support/continuations.ts';
import { chatError, type FallbackPair, type PairOptions, runPair } from '../support/fallback-pair.ts';
import { checkStream, type StreamedAnswer } from '../support/stream-rules.ts';
import type { UpstreamAnswer } from '../support/upstream.ts';

const WORDS = ['The', ' sea', ' is', ' calm', ' to-night.'];
const WHOLE = WORDS.join('');
/** As a model goes on that was given "The sea" as the beginning of its answer. */
const CONTINUED = chatStream(...WORDS.slice(2));
const PREFILL: PairOptions = { other: 'capabilities: [prefill]' };

/** The whole answer, up to the end of its first two words. */
function brokenAt(fault: 'destroyAfterBytes' | 'stallAfterBytes'): UpstreamAnswer {
  const answer = chatStream(...WORDS);
  return { ...answer, [fault]: String(answer.body).indexOf(' sea') + 60 };
}

/** A stream of these frames, a few bytes at a time, and then its end. */
function brokenAfter(...frames: readonly string[]): UpstreamAnswer {
  return { headers: { 'content-type': 'text/event-stream' }, body: frames.join(''), pieceBytes: 5 };
}

const CUT = brokenAfter(chatChunk('The'), chatChunk(' sea'));

async function listen({ gateway }: FallbackPair, body: object = {}, isFailed = false): Promise<StreamedAnswer> {
  const response = await gateway.chat(
    { stream: true, stream_options: { include_usage: true }, ...body },
    { headers: { 'x-request-id': 'mine' } },
  );
  expect(response.status).toBe(200);
  return checkStream(await response.text(), { includeUsage: true, isFailed });
}

async function expectBroken(pair: FallbackPair, body: object = {}): Promise<StreamedAnswer> {
  const answer = await listen(pair, body, true);
  expect(answer.error).toMatchObject({ code: 'upstream_stream_interrupted' });
  expect(answer.choices[0]?.finish ?? null).toBeNull();
  return answer;
}

/** The attempts of the call `mine`, as its page tells them. */
async function attemptsOf({ gateway }: FallbackPair): Promise<readonly JsonRecord[]> {
  const response = await fetch(`${gateway.url}/v1/requests/mine`);
  return recordsOf(recordOf(await response.json())['attempts']);
}

function lastMessage({ fallback }: FallbackPair, number = 1): unknown {
  return recordsOf(recordOf(fallback.requests[number - 1]?.body)['messages']).at(-1);
}

describe('mid-stream failover (rescue) of an answer that breaks off', () => {
  it.each([
    ['cut', brokenAt('destroyAfterBytes')],
    ['stalled', brokenAt('stallAfterBytes')],
    ['ended without a finish reason', CUT],
    ['turned to garbage', brokenAfter(chatChunk('The'), chatChunk(' sea'), 'data: {"choi\n\n')],
    ['ended by an error', brokenAfter(chatChunk('The'), chatChunk(' sea'), toFrame({ error: { message: 'gone' } }))],
  ])('is continued by a prefill model, given the beginning as prefix: %s', async (_name, broken) => {
    const pair = await runPair(PREFILL);
    pair.primary.answer(broken);
    pair.fallback.answer(CONTINUED);
    const { choices, model } = await listen(pair);
    expect([choices[0]?.text, choices[0]?.finish, model]).toEqual([WHOLE, 'stop', 'm']);
    expect(lastMessage(pair)).toEqual({ role: 'assistant', content: 'The sea' });
    expect(pair.attempts()).toEqual([1, 1]);
  });

  it('rescue: exact asks any other model anew, and leaves out the text that repeats', async () => {
    const pair = await runPair({ m: 'rescue: exact' });
    pair.primary.answer(CUT);
    pair.fallback.answer(chatStream('Th', 'e s', 'ea is', ' calm to-night.'));
    expect((await listen(pair)).choices).toMatchObject([{ text: WHOLE, finish: 'stop' }]);
    expect(lastMessage(pair)).toEqual({ role: 'user', content: 'Hello' });
  });

  it('rescue: exact asks anew where the prefill is refused', async () => {
    const pair = await runPair({ ...PREFILL, m: 'rescue: exact' });
    pair.primary.answer(CUT);
    pair.fallback.answer((_request, number) =>
      number === 1 ? chatError(400, 'invalid_prefill') : chatStream(...WORDS),
    );
    expect((await listen(pair)).choices).toMatchObject([{ text: WHOLE }]);
    expect(lastMessage(pair, 2)).toEqual({ role: 'user', content: 'Hello' });
  });

  it('asks to continue where the prefill is refused, and asks anew where that is refused as well', async () => {
    const pair = await runPair(PREFILL);
    pair.primary.answer(CUT);
    pair.fallback.answer((_request, number) => (number < 3 ? chatError(400, 'invalid_roles') : chatStream(...WORDS)));
    expect((await listen(pair)).choices).toMatchObject([{ text: WHOLE }]);
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
    expect((await listen(pair)).choices).toMatchObject([{ text: WHOLE }]);
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
    const pair = await runPair();
    pair.primary.answer(brokenAt('stallAfterBytes'));
    pair.fallback.answer(chatError(503, 'overloaded'));
    expect((await expectBroken(pair)).error?.['message']).toContain('within 150 ms');
    expect(pair.attempts()).toEqual([1, 1]);
  });

  it('is rescued again by the next fallback when the rescue breaks off', async () => {
    const pair = await runPair(PREFILL);
    pair.primary.answer((_request, number) => (number === 1 ? CUT : chatStream(...WORDS)));
    pair.fallback.answer(brokenAfter(chatChunk(' is'), chatChunk(' calm')));
    const { choices } = await listen(pair, { fallbacks: ['other', 'p/second'] });
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
    expect((await listen(pair)).usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });
  });

  it('ignores the usage that the broken attempt reported', async () => {
    const pair = await runPair();
    const usage = { prompt_tokens: 3000, completion_tokens: 1, total_tokens: 3001 };
    pair.primary.answer(brokenAfter(chatChunk('The'), toFrame({ choices: [], usage }), chatChunk(' sea')));
    pair.fallback.answer(chatStream(...WORDS));
    expect((await listen(pair)).usage).toMatchObject({ prompt_tokens: 6, completion_tokens: 7 });
  });

  it('reduces max_tokens by what was sent', async () => {
    const pair = await runPair(PREFILL);
    pair.primary.answer(CUT);
    pair.fallback.answer(CONTINUED);
    await listen(pair, { max_tokens: 10 });
    expect(pair.fallback.requests[0]?.body).toMatchObject({ max_tokens: 8 });
  });

  it('sends keepalive comments while it is rescued', async () => {
    const pair = await runPair({ ...PREFILL, keepalive: '20ms' });
    pair.primary.answer(CUT);
    pair.fallback.answer({ ...CONTINUED, isSilent: true });
    const response = await pair.gateway.chat({ stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    // A slow machine may hear signs of life before the answer breaks off.
    await pair.fallback.request(1);
    let heard = '';
    const hear = async (): Promise<string> => {
      const read = await reader?.read();
      heard += read?.value ?? '';
      return read?.done ? 'the end' : heard;
    };
    await expect.poll(hear, { interval: 1 }).toContain(KEEPALIVE_FRAME);
    pair.fallback.release();
    await expect.poll(hear, { interval: 1 }).toBe('the end');
    expect(checkStream(heard).choices).toMatchObject([{ text: WHOLE }]);
  });
});

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
      const { choices, error } = await listen(pair, {}, !isWhole);
      expect(choices).toMatchObject([isWhole ? { text: whole, finish: 'stop' } : { text: before }]);
      expect(error?.['message']).toEqual(isWhole ? undefined : expect.stringContaining('in other words'));
      expect(pair.attempts()).toEqual([1, 1]);
    },
  );

  it('sends the partial answer in the messages, with max_tokens reduced', async () => {
    const pair = await runPair();
    pair.primary.answer(CUT);
    pair.fallback.answer(CONTINUED);
    await listen(pair, { max_tokens: 10 });
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
    expect((await listen(pair, body)).choices).toMatchObject([{ text: WHOLE, finish: 'stop' }]);
    const kinds = (await attemptsOf(pair)).map(({ failure }) => recordOf(failure)['kind'] ?? null);
    expect(kinds).toEqual(['interrupted', 'other-words', null]);
    await listen(pair, { model: 'other' });
    expect(pair.attempts()[1]).toBe(2);
  });

  it('continues again when the fallback breaks off, also before its seam was sure', async () => {
    const pair = await runPair();
    pair.primary.answer((_request, number) => (number === 1 ? CUT : chatStream('The sea is calm', ' to-night.')));
    pair.fallback.answer(brokenAfter(chatChunk('The sea'), chatChunk(' is calm')));
    const { choices } = await listen(pair, { fallbacks: ['other', 'p/second'] });
    expect(choices).toMatchObject([{ text: WHOLE, finish: 'stop' }]);
    pair.primary.answer((_request, number) => (number === 3 ? CUT : chatStream('The sea is calm', ' to-night.')));
    pair.fallback.answer(brokenAfter(chatChunk('The')));
    expect((await listen(pair, { fallbacks: ['other', 'p/second'] })).choices).toMatchObject([{ text: WHOLE }]);
  });

  it('sums the usage over both models', async () => {
    const pair = await runPair();
    pair.primary.answer(CUT);
    const usage = { prompt_tokens: 200, completion_tokens: 3, total_tokens: 203 };
    const finish = toFrame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    const rest = WORDS.slice(2).map(chatChunk);
    pair.fallback.answer(brokenAfter(...rest, finish, toFrame({ choices: [], usage }), DONE_FRAME));
    const told = (await listen(pair)).usage as { prompt_tokens: number; completion_tokens: number };
    expect(told.completion_tokens).toBe(5);
    expect(told.prompt_tokens).toBeLessThan(120);
  });

  it('may go on with a tool call', async () => {
    const pair = await runPair();
    pair.primary.answer(CUT);
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
    const called = toFrame({ choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] });
    const finish = toFrame({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] });
    pair.fallback.answer(brokenAfter(chatChunk('The sea'), called, finish, DONE_FRAME));
    expect((await listen(pair)).choices).toMatchObject([{ text: 'The sea', finish: 'tool_calls' }]);
  });

  it('does not continue JSON (response_format: json_object): it asks anew', async () => {
    const pair = await runPair();
    pair.primary.answer(brokenAfter(chatChunk('{"a":')));
    pair.fallback.answer(chatStream('{"a":', ' 1}'));
    const { choices } = await listen(pair, { response_format: { type: 'json_object' } });
    expect(choices).toMatchObject([{ text: '{"a": 1}' }]);
    expect(lastMessage(pair)).toEqual({ role: 'user', content: 'Hello' });
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
    const { choices } = await listen(pair, { response_format: { type: 'json_object' } });
    expect(choices).toMatchObject([{ text: '{"a": 1}' }]);
    expect(lastMessage(pair)).toEqual({ role: 'user', content: 'Hello' });
  });

  it.each<[string, Partial<UpstreamAnswer>]>([
    ['cut', { destroyAfterBytes: String(CONTINUED.body).indexOf(DONE_FRAME) }],
    ['stalled', { stallAfterBytes: String(CONTINUED.body).indexOf(DONE_FRAME) }],
    ['cut within its last event', { destroyAfterBytes: String(CONTINUED.body).indexOf(DONE_FRAME) + 8 }],
  ])('is needed once the finish_reason was there: %s', async (_name, fault) => {
    const pair = await runPair();
    const answer = chatStream(...WORDS);
    const lost = String(answer.body).length - String(CONTINUED.body).length;
    const shifted = Object.fromEntries(Object.entries(fault).map(([key, at]) => [key, Number(at) + lost]));
    pair.primary.answer({ ...answer, ...shifted });
    expect((await listen(pair)).choices).toMatchObject([{ text: WHOLE, finish: 'stop' }]);
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
