import { describe, expect, it } from 'vitest';
import { chatCompletion, chatStream } from '../support/chat-answers.ts';
import { chatError } from '../support/fallback-pair.ts';
import { runGoverned, toNano } from '../support/governed.ts';
import { CUT } from '../support/rescue.ts';
import type { UpstreamAnswer } from '../support/upstream.ts';

const ANSWER = chatCompletion('Hi');
const BUSY = chatError(503, 'overloaded');
/** The reservations of an answer of 100 tokens, in USD: some 0.001 at `m`, 0.01 at `dear`. */
const SHORT = { max_tokens: 100 };

/** A stream of so many words of two tokens each. */
function long(words: number): UpstreamAnswer {
  return chatStream(...Array.from({ length: words }, () => ' a word.'));
}

describe('each further attempt of a call', () => {
  it('is paid for before it is sent: one that cannot be is passed over, and then it is the budget that is told of', async () => {
    const { upstream, fallback, post, left } = await runGoverned({ budget: '{ day: 0.005 }' });
    upstream.answer(BUSY);
    fallback.answer(ANSWER);
    const refused = await post(SHORT);
    expect([refused.status, refused.code]).toEqual([402, 'budget_exceeded']);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect(refused.headers.get('x-sluice-limited-by')).toBe('key:budget-day');
    expect(fallback.requests).toHaveLength(0);
    expect(await left()).toBe(toNano(0.005));
  });

  it('goes on where the budget has it', async () => {
    const { upstream, fallback, post, left, cost } = await runGoverned({ budget: '{ day: 0.05 }' });
    upstream.answer(BUSY);
    fallback.answer(ANSWER);
    const answer = await post(SHORT);
    expect([answer.status, answer.headers.get('x-sluice-model')]).toEqual([200, 'dear']);
    // A cent is set aside for a hundred tokens of it, where the first target needed a tenth of that.
    expect(toNano(answer.headers.get('x-sluice-budget-remaining'))).toBeLessThan(toNano(0.05 - 0.01));
    expect(answer.headers.get('x-sluice-limited-by')).toBeNull();
    expect(await left()).toBe(toNano(0.05) - 230_000);
    expect(await cost()).toBe(230_000);
  });

  it('passes over what is too dear for a call that asks for it first', async () => {
    const { upstream, fallback, post } = await runGoverned({ budget: '{ day: 0.005 }' });
    upstream.answer(ANSWER);
    const answer = await post({ ...SHORT, model: 'dear', fallbacks: ['m'] });
    expect([answer.status, answer.headers.get('x-sluice-model')]).toEqual([200, 'm']);
    expect([upstream.requests.length, fallback.requests.length]).toEqual([1, 0]);
    // Of two that are too dear the refusal tells of the one that was asked for.
    const refused = await post({ max_tokens: 1000, model: 'dear', fallbacks: ['m'] });
    expect(refused.text).toContain('this request may cost 0.1');
  });

  it('knows no way round: a free model with a fallback that is not', async () => {
    const { fallback, post } = await runGoverned({
      budget: '{ day: 0.000001 }',
      price: '{ input: 0, output: 0 }',
    });
    const refused = await post(SHORT);
    expect(refused.code).toBe('budget_exceeded');
    expect(fallback.requests).toHaveLength(0);
  });

  it('beside another one costs both; without the money the first one answers', async () => {
    const hedged = { m: 'hedge: { after: 40ms }, timeouts: { first_token: 20s }' };
    const poor = await runGoverned({ ...hedged, budget: '{ day: 0.005 }' });
    poor.upstream.answer({ ...chatStream('Hello'), isSilent: true });
    const late = poor.post({ ...SHORT, stream: true });
    // A release before it was asked is for nothing.
    await poor.upstream.request(1);
    setTimeout(() => poor.upstream.release(), 200);
    expect((await late).headers.get('x-sluice-attempts')).toBe('1');
    expect(poor.fallback.requests).toHaveLength(0);

    const rich = await runGoverned({ ...hedged, budget: '{ day: 1 }' });
    rich.upstream.answer({ ...chatStream('Hello'), isSilent: true });
    rich.fallback.answer(chatStream('Hi'));
    const answer = await rich.post({ ...SHORT, stream: true });
    expect(answer.headers.get('x-sluice-model')).toBe('dear');
    expect(await rich.left()).toBe(toNano(1) - (await rich.cost()));
    expect(await rich.cost()).toBeGreaterThan(0);
  });

  it('that takes up an answer is one: without the money the error event says so', async () => {
    const poor = await runGoverned({ budget: '{ day: 0.005 }' });
    poor.upstream.answer(CUT);
    const broken = await poor.post({ ...SHORT, stream: true });
    expect([broken.status, broken.code]).toEqual([200, 'budget_exceeded']);
    expect(broken.text).not.toContain('[DONE]');
    expect(poor.fallback.requests).toHaveLength(0);
    expect(await poor.left()).toBe(toNano(0.005) - (await poor.cost()));

    const rich = await runGoverned({ budget: '{ day: 1 }' });
    rich.upstream.answer(CUT);
    rich.fallback.answer(chatStream('The sea', ' is calm to-night.'));
    const answer = await rich.post({ ...SHORT, stream: true });
    expect(answer.text).toContain('[DONE]');
    expect(await rich.left()).toBe(toNano(1) - (await rich.cost()));
  });
});

describe('a stream that gets longer than what was set aside', () => {
  it('has more set aside while it runs, and costs what it comes to', async () => {
    const { upstream, post, left, cost } = await runGoverned({ budget: '{ day: 1 }' });
    upstream.answer(long(3000));
    const answer = await post({ stream: true });
    expect(answer.text).toContain('[DONE]');
    expect(await left()).toBe(toNano(1) - (await cost()));
    expect(await cost()).toBeGreaterThan(toNano(0.03));
  });

  it.each(['finish', 'cut'])('without the money: on_exhausted: %s', async (onExhausted) => {
    const { upstream, post, left, cost, gateway, records } = await runGoverned({
      budget: `{ day: 0.015, on_exhausted: ${onExhausted} }`,
    });
    upstream.answer({ ...long(3000), pieceBytes: 4000 });
    const answer = await post({ stream: true });
    expect(answer.status).toBe(200);
    expect(answer.code).toBe(onExhausted === 'cut' ? 'budget_exceeded' : null);
    expect(answer.text.includes('[DONE]')).toBe(onExhausted === 'finish');
    const spent = await cost();
    // A step of 1,024 tokens costs a cent, and only half of one was left: it is used up before the cut.
    if (onExhausted === 'cut') {
      expect(spent).toBeGreaterThan(toNano(0.0148));
      expect(spent).toBeLessThan(toNano(0.015 + 0.01024));
    } else expect(spent).toBeGreaterThan(toNano(0.05));
    expect((await records())[0]).toMatchObject({ outcome: onExhausted === 'cut' ? 'failed' : 'completed' });
    expect(await left()).toBe(Math.max(0, toNano(0.015) - spent));
    const metrics = await fetch(`${gateway.url}/metrics`, { headers: { authorization: 'Bearer key-admin' } });
    const overrun = /^sluice_budget_overrun_usd_total (\S+)/m.exec(await metrics.text())?.[1];
    expect(toNano(overrun)).toBe(Math.max(0, spent - toNano(0.015)));
  });

  it('asks for nothing more where its client has set the limit', async () => {
    const { upstream, post, left } = await runGoverned({ budget: '{ day: 0.0011, on_exhausted: cut }' });
    upstream.answer({ ...long(20), pieceBytes: 500 });
    expect((await post({ ...SHORT, stream: true })).code).toBeNull();
    expect(await left()).toBeGreaterThan(0);
  });
});

describe('a call that is given up', () => {
  it.each([
    ['before its first token', { ...chatStream('Hello'), isSilent: true }],
    ['in the middle', { ...chatStream('Hello', ' world'), stallAfterBytes: 500 }],
  ])('costs its prompt and what was said: %s', async (_name, answer) => {
    const { upstream, gateway, left, cost, records } = await runGoverned({
      budget: '{ day: 1 }',
      m: 'timeouts: { first_token: 20s, idle: 20s }',
    });
    upstream.answer(answer);
    const leaving = new AbortController();
    const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hello' }] });
    const headers = { authorization: 'Bearer key-a' };
    const call = fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body, headers, signal: leaving.signal });
    call.then((response) => response.text()).catch(() => undefined);
    const asked = await upstream.request(1);
    setTimeout(() => leaving.abort(), 50);
    await asked.closed;
    await expect.poll(records).toHaveLength(1);
    expect((await records())[0]).toMatchObject({ outcome: 'cancelled', usage_source: 'estimate' });
    expect(await cost()).toBeGreaterThan(0);
    expect(await left()).toBe(toNano(1) - (await cost()));
  });
});
