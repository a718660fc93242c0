import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { chatCompletion, chatStream } from '../support/chat-answers.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { runGoverned, toNano } from '../support/governed.ts';

const ANSWER = chatCompletion('Hi');

describe('a key with limits', () => {
  it('is told of them with every answer, and of a refusal why: it costs nothing and is on record', async () => {
    const { upstream, post, records } = await runGoverned({ limits: '{ rpm: 2, tpm: 100000 }' });
    upstream.answer(ANSWER);
    const first = await post({ max_tokens: 10 });
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-limit-tokens': '100000',
    });
    expect((await post({ stream: true }, undefined)).headers.get('x-ratelimit-remaining-requests')).toBe('0');
    const refused = await post({});
    expect([refused.status, refused.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'x-sluice-limited-by': 'key:rpm',
      'x-ratelimit-remaining-requests': '0',
      'retry-after': expect.stringMatching(/^\d+$/),
      'retry-after-ms': expect.stringMatching(/^\d+$/),
    });
    expect(refused.text).toContain('Rate limit of this key reached: 2 requests per minute');
    expect(upstream.requests).toHaveLength(2);
    expect((await records())[0]).toMatchObject({
      outcome: 'failed',
      status: 429,
      error_code: 'rate_limit_exceeded',
      attempts: 0,
      cost_usd: null,
    });
  });

  it.each(['rpm', 'tpm', 'concurrency'])(
    'lets no call pass whose %s is 0, and does not say that a later one might',
    async (name) => {
      const { upstream, post } = await runGoverned({ limits: `{ ${name}: 0 }` });
      const refused = await post({});
      expect([refused.status, refused.headers.get('x-sluice-limited-by')]).toEqual([429, `key:${name}`]);
      const { headers } = refused;
      expect(['retry-after', 'retry-after-ms', 'x-should-retry'].map((header) => headers.get(header))).toEqual([
        null,
        null,
        'false',
      ]);
      expect(refused.text).toMatch(/The limit of this key is 0 .* Only its operator can raise it\./);
      expect(upstream.requests).toHaveLength(0);
    },
  );

  it('has so many calls in flight, until the end of their streams', async () => {
    const { upstream, post } = await runGoverned({ limits: '{ concurrency: 1 }' });
    upstream.answer({ ...chatStream('Hi'), stallAfterBytes: 250 });
    const running = post({ stream: true });
    await upstream.request(1);
    const refused = await post({});
    expect([refused.status, refused.code, refused.headers.get('x-sluice-limited-by')]).toEqual([
      429,
      'concurrency_limit_exceeded',
      'key:concurrency',
    ]);
    expect(refused.headers.get('retry-after')).toBe('1');
    upstream.release();
    await running;
    upstream.answer(ANSWER);
    expect((await post({})).status).toBe(200);
  });

  it('has limits for one model beside its own: another model is passed to', async () => {
    const { upstream, fallback, post } = await runGoverned({ limits: '{ models: { m: { rpm: 1 } } }' });
    upstream.answer(ANSWER);
    fallback.answer(ANSWER);
    expect((await post({})).headers.get('x-sluice-model')).toBe('m');
    expect((await post({})).headers.get('x-sluice-model')).toBe('dear');
    const refused = await post({ fallbacks: [] });
    expect([refused.code, refused.headers.get('x-sluice-limited-by')]).toEqual([
      'rate_limit_exceeded',
      'key-model:rpm',
    ]);
    expect(refused.text).toContain("this key for 'm'");
  });

  it('is nothing to other keys, and nothing of it is seen there', async () => {
    const { upstream, post } = await runGoverned({ limits: '{ rpm: 1 }' });
    upstream.answer({ ...ANSWER, headers: { 'x-ratelimit-remaining-requests': '7' } });
    const headers = { authorization: 'Bearer key-free' };
    for (let call = 0; call < 3; call++) {
      const answer = await post({}, undefined, headers);
      expect(answer.status).toBe(200);
      expect([...answer.headers.keys()].filter((name) => /ratelimit|budget|limited/.test(name))).toEqual([]);
    }
  });
});

describe("a provider's own limits, where an answer passes through", () => {
  it('are told to keys of the file alone: those of the database have others beside them at that account', async () => {
    const { upstream, gateway, post } = await runGoverned({ limits: '{ rpm: 100 }' });
    upstream.answer({ ...ANSWER, headers: { 'x-ratelimit-remaining-requests': '7' } });
    const made = await fetch(`${gateway.url}/v1/keys`, {
      method: 'POST',
      headers: { authorization: 'Bearer key-admin' },
      body: JSON.stringify({ name: 'without limits' }),
    });
    const secret = String(recordOf(await made.json())['key']);
    const remaining = async (key: string): Promise<string | null> => {
      const answer = await post({ model: 'embed', input: 'Hi' }, '/embeddings', { authorization: `Bearer ${key}` });
      expect(answer.status).toBe(200);
      return answer.headers.get('x-ratelimit-remaining-requests');
    };
    expect([await remaining('key-free'), await remaining(secret), await remaining('key-a')]).toEqual(['7', null, '99']);
  });
});

describe('a key with a budget', () => {
  it('is refused what is not there, with the code that no client tries again', async () => {
    const { upstream, post, left } = await runGoverned({ budget: '{ day: 0.02 }' });
    upstream.answer(ANSWER);
    const refused = await post({ max_tokens: 3000, fallbacks: [] });
    expect([refused.status, refused.code]).toEqual([402, 'budget_exceeded']);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'x-should-retry': 'false',
      'x-sluice-limited-by': 'key:budget-day',
      'x-sluice-budget-remaining': '0.02',
    });
    expect(refused.text).toContain('The daily budget of this key has too little left');
    // 3 tokens of the prompt and 2 of the answer.
    expect((await post({ max_tokens: 1000 })).status).toBe(200);
    expect(await left()).toBe(toNano(0.02 - 0.000023));
  });

  it('may not ask for what has no price, unless that counts as nothing', async () => {
    const strict = await runGoverned({ budget: '{ day: 1 }' });
    const refused = await strict.post({ model: 'odd' });
    expect([refused.status, refused.code, refused.headers.get('x-sluice-limited-by')]).toEqual([
      403,
      'price_unknown',
      'key:price',
    ]);
    const lax = await runGoverned({
      budget: '{ day: 1 }',
      rest: 'governance: { budgets: { allow_unpriced: true } }\n',
    });
    expect((await lax.post({ model: 'odd' })).status).toBe(200);
    expect(await lax.left()).toBe(toNano(1));
    const rates = await runGoverned({ limits: '{ rpm: 100 }' });
    expect((await rates.post({ model: 'odd' })).status).toBe(200);
  });

  it('that is soft goes on: a header, a metric, and one line in the log', async () => {
    const { upstream, post, gateway } = await runGoverned({ budget: '{ month: 0.00001, on: soft }' });
    upstream.answer(ANSWER);
    for (let call = 0; call < 3; call++) {
      const answer = await post({});
      expect([answer.status, answer.headers.get('x-sluice-budget')]).toEqual([200, 'soft-exceeded']);
    }
    const lines = gateway.log.filter((line) => line.includes('a soft budget is used up'));
    expect(lines.map((line) => recordOf(JSON.parse(line)))).toMatchObject([{ scope: 'key:a', window: 'month' }]);
    const metrics = await fetch(`${gateway.url}/metrics`, { headers: { authorization: 'Bearer key-admin' } });
    expect(await metrics.text()).toContain('sluice_budget_alerts_total{scope="key",window="month",level="exceeded"} 3');
  });

  it('is told when little is left, once', async () => {
    const { upstream, post, gateway } = await runGoverned({ budget: '{ day: 0.1, soft_at: 0.1 }' });
    upstream.answer(ANSWER);
    await post({ max_tokens: 2000 });
    await post({ max_tokens: 2000 });
    expect(gateway.log.filter((line) => line.includes('little is left of a budget'))).toHaveLength(1);
  });

  it('makes an answer shorter that nothing watches, and says so', async () => {
    const { upstream, post } = await runGoverned({ budget: '{ day: 0.008 }' });
    upstream.answer(ANSWER);
    const answer = await post({});
    expect(answer.status).toBe(200);
    const clamped = Number(answer.headers.get('x-sluice-clamped')?.replace('max_tokens=', ''));
    expect(clamped).toBeGreaterThan(700);
    expect(clamped).toBeLessThan(800);
    expect(upstream.requests[0]?.body).toMatchObject({ max_tokens: clamped });
  });

  it.each([
    ['of fewer than 16 tokens', '{ day: 0.00015 }', ''],
    ['where that is off', '{ day: 0.008 }', 'governance: { budgets: { clamp: false } }\n'],
  ])('refuses an answer %s', async (_name, budget, rest) => {
    const { post } = await runGoverned({ budget, rest });
    expect((await post({})).code).toBe('budget_exceeded');
  });
});

describe('limits hold on every path', () => {
  const RESPONSE = { input: 'Hello', store: true };

  it('POST /v1/responses in the background is refused at once, and nothing is kept', async () => {
    const database = `database: { url: "sqlite:${join(temporaryFolder(), 's.db')}" }\n`;
    const scene = await runGoverned({ budget: '{ day: 0.001 }', rest: database });
    const refused = await scene.post({ ...RESPONSE, background: true, max_output_tokens: 900 }, '/responses');
    expect([refused.status, refused.code]).toEqual([402, 'budget_exceeded']);
    expect(refused.headers.get('x-sluice-limited-by')).toBe('key:budget-day');
    const [record] = await scene.records();
    expect(record).toMatchObject({ id: expect.stringMatching(/^resp_/), error_code: 'budget_exceeded' });
    const kept = await fetch(`${scene.gateway.url}/v1/responses/${String(record?.['id'])}`, {
      headers: { authorization: 'Bearer key-a' },
    });
    expect(kept.status).toBe(404);
  });

  it.each(['/responses', '/responses/compact'])('POST /v1%s', async (path) => {
    const { upstream, post } = await runGoverned({ limits: '{ rpm: 1 }' });
    upstream.answer(ANSWER);
    expect((await post(RESPONSE, path)).status).toBe(200);
    const refused = await post(RESPONSE, path);
    expect([refused.status, refused.headers.get('x-sluice-limited-by')]).toEqual([429, 'key:rpm']);
    expect(upstream.requests).toHaveLength(1);
  });

  it('the summary of a conversation is a part of its request, and is paid for by itself', async () => {
    const database = `database: { url: "sqlite:${join(temporaryFolder(), 's.db')}" }\n`;
    const limits = { limits: '{ concurrency: 1, rpm: 2 }', budget: '{ day: 1 }', rest: database };
    const { upstream, post, cost, records } = await runGoverned(limits);
    upstream.answer(ANSWER);
    const first = await post({ input: 'My number is 42. '.repeat(100) }, '/responses');
    const { id } = JSON.parse(first.text);
    const managed = { context_management: [{ type: 'compaction', compact_threshold: 300 }] };
    const second = await post({ input: 'And now?', previous_response_id: id, ...managed }, '/responses');
    expect([second.status, second.headers.get('x-ratelimit-remaining-requests')]).toEqual([200, '0']);
    expect(upstream.requests).toHaveLength(3);
    expect(await records()).toHaveLength(3);
    expect(await cost()).toBe(3 * 23_000);
    expect((await post({ input: 'Hello' }, '/responses')).code).toBe('rate_limit_exceeded');
  });

  it('a stream that can be taken up again', async () => {
    const { upstream, post } = await runGoverned({ limits: '{ rpm: 1 }' });
    upstream.answer(chatStream('Hi'));
    const headers = { 'x-sluice-resumable': 'true' };
    expect((await post({ stream: true }, undefined, headers)).headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect((await post({ stream: true }, undefined, headers)).status).toBe(429);
  });

  it('the demo model', async () => {
    const { post } = await runGoverned({ limits: '{ rpm: 1 }' });
    expect((await post({ model: 'odd' })).status).toBe(200);
    expect((await post({ model: 'odd' })).status).toBe(429);
  });
});

describe('what passes through', () => {
  it('is reserved by the price of its tokens, and costs what its usage says', async () => {
    const { upstream, post, left, records } = await runGoverned({ budget: '{ day: 1 }', limits: '{ rpm: 100 }' });
    const usage = { prompt_tokens: 1000, total_tokens: 1000 };
    upstream.answer({
      headers: {
        'content-type': 'application/json',
        'x-ratelimit-limit-requests': '7',
        'x-ratelimit-reset-tokens': '1s',
      },
      body: JSON.stringify({ object: 'list', data: [], usage }),
    });
    const answer = await post({ model: 'embed', input: 'Hello' }, '/embeddings');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-ratelimit-limit-requests')).toBe('100');
    expect(answer.headers.get('x-ratelimit-reset-tokens')).toBeNull();
    expect(answer.headers.get('x-sluice-budget-remaining')).toMatch(/^0\.9999/);
    expect(await left()).toBe(toNano(1) - 20_000);
    expect((await records()).at(-1)).toMatchObject({ cost_usd: 0.00002, cost_source: 'table' });
  });

  it('is reserved by the tokens that it sends, where it sends tokens', async () => {
    const { upstream, post } = await runGoverned({ limits: '{ tpm: 100000 }' });
    upstream.answer({ headers: { 'content-type': 'application/json' }, body: '{"data":[]}' });
    const input = [Array.from({ length: 3000 }, () => 7), [1, 2]];
    const answer = await post({ model: 'embed', input }, '/embeddings');
    expect(answer.headers.get('x-ratelimit-remaining-tokens')).toBe(String(100_000 - 3002));
  });

  it('counts for what was set aside where it does not say what it cost', async () => {
    const { upstream, post, left, records } = await runGoverned({ budget: '{ day: 1 }' });
    upstream.answer({ headers: { 'content-type': 'application/json' }, body: '{"data":[]}' });
    await post({ model: 'picture', prompt: 'a cat', n: '3' }, '/images/generations');
    expect(await left()).toBe(toNano(0.88));
    await post({ model: 'm', input: 'Hello' }, '/audio/speech');
    const passed = (await records()).filter(({ path }) => path !== '/v1/chat/completions');
    expect(passed).toMatchObject([
      { cost_usd: 0.01, cost_source: 'estimate' },
      { cost_usd: 0.12, cost_source: 'estimate' },
    ]);
    expect(await left()).toBe(toNano(0.87));
  });

  it('is a guess where it tells nothing: passthrough.reserve', async () => {
    const { upstream, gateway, left } = await runGoverned({ budget: '{ day: 1 }' });
    upstream.answer({ headers: { 'content-type': 'application/json' }, body: '{"text":"Hi"}' });
    const form = new FormData();
    form.set('file', new Blob(['sound']), 'a.wav');
    const headers = { authorization: 'Bearer key-a' };
    const answer = await fetch(`${gateway.url}/v1/audio/transcriptions`, { method: 'POST', headers, body: form });
    await answer.text();
    expect(answer.headers.get('x-sluice-budget-remaining')).toBe('0.99');
    expect(await left()).toBe(toNano(0.99));
  });

  it.each(['before', 'behind'])('is every picture that a form asks for, %s the one that it brings', async (place) => {
    const { upstream, gateway, left } = await runGoverned({ budget: '{ day: 0.1 }' });
    upstream.answer({ headers: { 'content-type': 'application/json' }, body: '{"data":[]}' });
    const edit = async (count: number) => {
      const form = new FormData();
      if (place === 'before') form.set('n', String(count));
      form.set('image', new Blob(['x'.repeat(300_000)]), 'a.png');
      if (place === 'behind') form.set('n', String(count));
      const headers = { authorization: 'Bearer key-a' };
      const answer = await fetch(`${gateway.url}/v1/images/edits`, { method: 'POST', headers, body: form });
      await answer.text();
      return answer;
    };
    const paid = await edit(3);
    expect([paid.status, paid.headers.get('x-sluice-budget-remaining')]).toEqual([200, '0.07']);
    expect(await left()).toBe(toNano(0.07));
    const refused = await edit(8);
    expect([refused.status, refused.headers.get('x-sluice-limited-by')]).toEqual([402, 'key:budget-day']);
    expect(upstream.requests).toHaveLength(1);
    expect(await left()).toBe(toNano(0.07));
  });

  describe('as a stream of completions', () => {
    const WORD = 'data: {"choices":[{"index":0,"text":" a word."}]}\n\n';
    const LONG = `${WORD.repeat(3000)}data: [DONE]\n\n`;
    const ASKED = { messages: undefined, prompt: 'Hi', stream: true };

    /** In pieces of whole events, unless told otherwise. */
    async function scene(budget: string, pieceBytes = 50 * WORD.length) {
      const governed = await runGoverned({ budget });
      governed.upstream.answer({ headers: { 'content-type': 'text/event-stream' }, body: LONG, pieceBytes });
      return { ...governed, complete: () => governed.post(ASKED, '/completions') };
    }

    it('has more set aside while it runs, which it counts for where it does not say what it cost', async () => {
      const { complete, left, cost } = await scene('{ day: 1 }');
      const answer = await complete();
      expect(answer.text).toBe(LONG);
      expect(await cost()).toBeGreaterThan(toNano(0.06));
      expect(await left()).toBe(toNano(1) - (await cost()));
    });

    it('is cut where the budget is used up, with the reason as its last event', async () => {
      const { complete, left, records } = await scene('{ day: 0.025, on_exhausted: cut }');
      const answer = await complete();
      expect([answer.status, answer.code]).toEqual([200, 'budget_exceeded']);
      expect(answer.text).not.toContain('[DONE]');
      expect(answer.text.split(WORD).length).toBeGreaterThan(1000);
      expect((await records())[0]).toMatchObject({ outcome: 'failed', error_code: 'budget_exceeded' });
      expect(await left()).toBeLessThan(16 * 10_000);
    });

    it('is broken off where that comes in the middle of an event', async () => {
      const { complete } = await scene('{ day: 0.025, on_exhausted: cut }', 50 * WORD.length + 7);
      await expect(complete()).rejects.toThrow();
    });

    it('is cut with the reason as well where its provider tells how long it will be', async () => {
      const { complete, upstream } = await scene('{ day: 0.025, on_exhausted: cut }');
      const headers = { 'content-type': 'text/event-stream', 'content-length': String(LONG.length) };
      upstream.answer({ headers, body: LONG, pieceBytes: 50 * WORD.length });
      expect((await complete()).code).toBe('budget_exceeded');
    });

    it('ends as it would where the key says so', async () => {
      const { complete, left } = await scene('{ day: 0.025, on_exhausted: finish }');
      expect((await complete()).text).toBe(LONG);
      expect(await left()).toBeLessThan(16 * 10_000);
    });
  });

  const FORM = 'multipart/form-data; boundary=abc';
  const asking = (count: string): string =>
    `--abc\r\ncontent-disposition: form-data; name="n"\r\n\r\n${count}\r\n--abc--\r\n`;

  it.each([
    ['is compressed', { 'content-type': FORM, 'content-encoding': 'gzip' }, gzipSync('--abc--')],
    ['has two boundaries', { 'content-type': `${FORM}; boundary=x` }, asking('10')],
    ['is of another kind', { 'content-type': 'application/x-www-form-urlencoded' }, 'n=10'],
    ['says so in no digits', { 'content-type': FORM }, asking('1_0')],
    ['says so after much white space', { 'content-type': FORM }, asking(`${' '.repeat(200)}10`)],
  ])('is as many pictures as there can be, where a form %s', async (_why, type, body) => {
    const { upstream, gateway, left } = await runGoverned({ budget: '{ day: 1 }' });
    upstream.answer({ headers: { 'content-type': 'application/json' }, body: '{"data":[]}' });
    const headers = { authorization: 'Bearer key-a', ...type };
    const answer = await fetch(`${gateway.url}/v1/images/edits`, { method: 'POST', headers, body });
    await answer.text();
    expect([answer.status, await left()]).toEqual([200, toNano(0.9)]);
  });

  it('costs nothing where the provider refused it, or was not there', async () => {
    const { upstream, post, left } = await runGoverned({ budget: '{ day: 1 }' });
    upstream.answer({ status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":{}}' });
    expect((await post({ model: 'picture', prompt: 'a cat' }, '/images/generations')).status).toBe(400);
    await upstream.close();
    expect((await post({ model: 'picture', prompt: 'a cat' }, '/images/generations')).status).toBe(502);
    expect(await left()).toBe(toNano(1));
  });

  it('is set aside for every prompt of a list, and for all answers of which the best are told', async () => {
    const { upstream, post } = await runGoverned({ budget: '{ day: 1 }' });
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    upstream.answer({ headers: { 'content-type': 'application/json' }, body: JSON.stringify({ usage }) });
    const ask = (body: object) => post({ messages: undefined, max_tokens: 5000, ...body }, '/completions');
    for (const body of [{ prompt: ['a', 'b'], best_of: 11 }, { prompt: Array(21).fill('a') }, { prompt: 'a', n: 21 }])
      expect((await ask(body)).code).toBe('budget_exceeded');
    expect(upstream.requests).toHaveLength(0);
    for (const body of [{ prompt: ['a', 'b'], best_of: 9, n: 3 }, { prompt: Array(21).fill(7) }, { prompt: [], n: 2 }])
      expect((await ask(body)).status).toBe(200);
  });

  it('is refused before it is sent, and only where it may cost something', async () => {
    const { upstream, post, gateway } = await runGoverned({ budget: '{ day: 0.001 }' });
    const refused = await post({ model: 'picture', prompt: 'a cat' }, '/images/generations');
    expect([refused.status, refused.code]).toEqual([402, 'budget_exceeded']);
    expect(upstream.requests).toHaveLength(0);
    const negative = await post({ model: 'picture', prompt: 'a cat', n: -1000 }, '/images/generations');
    expect(negative.code).toBe('budget_exceeded');
    const models = await fetch(`${gateway.url}/v1/embeddings/x`, { headers: { authorization: 'Bearer key-a' } });
    expect(models.headers.get('x-sluice-budget-remaining')).toBe('0.001');
  });
});
