import { describe, expect, it } from 'vitest';
import { chatCompletion, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { chatError, type FallbackPair, type PairOptions, runPair } from '../support/fallback-pair.ts';
import { named, requestsOf } from '../support/requests.ts';
import { checkStream } from '../support/stream-rules.ts';
import type { UpstreamAnswer } from '../support/upstream.ts';

const ANSWER = chatStream('Hel', 'lo');
const SILENT: UpstreamAnswer = { ...ANSWER, isSilent: true };
/** For what must not be late: longer than a busy machine stands still. */
const LATE_MS = 2500;

function runHedged(after = '40ms', options: PairOptions = {}): Promise<FallbackPair> {
  return runPair({ m: `hedge: { after: ${after} }, timeouts: { first_token: 20s }`, ...options });
}

async function ask({ gateway }: FallbackPair, body: object = {}, init: RequestInit = {}) {
  const response = await gateway.chat({ stream: true, ...body }, init);
  expect(response.status).toBe(200);
  const { choices, model } = checkStream(await response.text());
  return { text: choices[0]?.text, model, headers: response.headers };
}

async function attemptsOf({ gateway }: FallbackPair): Promise<unknown[]> {
  const { attempts } = (await requestsOf(gateway).one('mine')).body;
  return (attempts ?? []).map(({ model, failure }) => [model, failure?.kind ?? null]);
}

describe('a hedged request (hedge)', () => {
  it('is off by default', async () => {
    const pair = await runPair({ m: 'timeouts: { first_token: 20s }' });
    pair.primary.answer(SILENT);
    const answer = ask(pair);
    await pair.primary.request(1);
    setTimeout(() => pair.primary.release(), 100);
    expect((await answer).model).toBe('m');
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it('is sent when the first target is late, wins, and the connection of the loser is closed', async () => {
    const pair = await runHedged();
    pair.primary.answer(SILENT);
    const { text, model, headers } = await ask(pair, {}, named('mine'));
    expect([text, model]).toEqual(['I step in', 'other']);
    expect(headers.get('x-sluice-model')).toBe('other');
    expect(headers.get('x-sluice-attempts')).toBe('2');
    await pair.primary.requests[0]?.closed;
    expect(await attemptsOf(pair)).toEqual([
      ['m', 'lost-race'],
      ['other', null],
    ]);
  });

  it('is not sent when the first token comes in time', async () => {
    const pair = await runHedged('5s');
    pair.primary.answer(ANSWER);
    expect(await ask(pair)).toMatchObject({ text: 'Hello', model: 'm' });
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it('is aborted when the first target answers after all, and the headers name the first target', async () => {
    const pair = await runHedged();
    pair.primary.answer(SILENT);
    pair.fallback.answer(SILENT);
    const answer = ask(pair, {}, named('mine'));
    const lost = await pair.fallback.request(1);
    pair.primary.release();
    const { text, model, headers } = await answer;
    expect([text, model, headers.get('x-sluice-provider')]).toEqual(['Hello', 'm', 'p']);
    await lost.closed;
    expect(await attemptsOf(pair)).toEqual([
      ['m', null],
      ['other', 'lost-race'],
    ]);
    const { body } = await requestsOf(pair.gateway).one('mine');
    expect([body.model, body.provider]).toEqual(['m', 'p']);
  });

  it('counts the usage and cost of both attempts in the call', async () => {
    const pair = await runHedged();
    pair.primary.answer(SILENT);
    await ask(pair);
    await expect.poll(() => pair.gateway.log.some((line) => line.includes('"msg":"call"'))).toBe(true);
    const line = JSON.parse(pair.gateway.log.find((one) => one.includes('"msg":"call"')) ?? '{}') as object;
    expect(line).toMatchObject({ model: 'other', outcome: 'completed', wasted_tokens: expect.any(Number) });
    expect((line as { wasted_tokens: number }).wasted_tokens).toBeGreaterThan(0);
  });

  it('that fails leaves the first target alone', async () => {
    const pair = await runHedged();
    pair.primary.answer(SILENT);
    pair.fallback.answer(chatError(400, 'unknown_parameter'));
    const answer = ask(pair);
    const failed = await pair.fallback.request(1);
    setTimeout(() => pair.primary.release(), 50);
    expect(await answer).toMatchObject({ text: 'Hello', model: 'm' });
    expect(failed.path).toContain('chat');
    expect(pair.attempts()).toEqual([1, 1]);
  });

  it('takes over when the first target fails', async () => {
    const pair = await runHedged();
    pair.primary.answer({ ...chatError(500, 'server_error'), isSilent: true });
    pair.fallback.answer(SILENT);
    const answer = ask(pair);
    await pair.fallback.request(1);
    pair.primary.release();
    setTimeout(() => pair.fallback.release(), 50);
    expect(await answer).toMatchObject({ text: 'Hello', model: 'other' });
    expect(pair.attempts()).toEqual([1, 1]);
  });

  it('is aborted when the first target refuses the request itself (4xx)', async () => {
    const pair = await runHedged();
    pair.primary.answer({ ...chatError(400, 'content_policy_violation'), isSilent: true });
    pair.fallback.answer(SILENT);
    const answer = pair.gateway.chat({ stream: true });
    const lost = await pair.fallback.request(1);
    pair.primary.release();
    const response = await answer;
    expect([response.status, response.headers.get('x-sluice-model')]).toEqual([400, 'm']);
    await lost.closed;
  });

  it('is cancelled with its call: both connections are closed', async () => {
    const pair = await runHedged();
    pair.primary.answer(SILENT);
    pair.fallback.answer(SILENT);
    const answer = pair.gateway.chat({ stream: true }, named('mine'));
    const [first, second] = [await pair.primary.request(1), await pair.fallback.request(1)];
    await requestsOf(pair.gateway).cancel('mine');
    expect((await answer).status).toBe(499);
    await Promise.all([first.closed, second.closed]);
  });

  it('is not sent once the answer has begun, nor during mid-stream failover (rescue)', async () => {
    const pair = await runHedged(`${LATE_MS}ms`);
    pair.primary.answer({ ...ANSWER, stallAfterBytes: firstWordBytes(ANSWER) });
    const answer = ask(pair);
    await pair.primary.request(1);
    setTimeout(() => pair.primary.release(), LATE_MS + 100);
    expect(await answer).toMatchObject({ text: 'Hello', model: 'm' });
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it('whose answer breaks off is rescued by mid-stream failover as any other', async () => {
    const pair = await runHedged('40ms', { rest: 'fallback: { max_models: 3 }\n' });
    pair.primary.answer(SILENT);
    pair.fallback.answer({ ...chatStream('Hel', 'lo'), destroyAfterBytes: firstWordBytes(ANSWER) });
    const response = await pair.gateway.chat({ stream: true, fallbacks: ['other', 'p/third'] });
    await pair.primary.request(1);
    pair.primary.answer(ANSWER);
    const { choices, model } = checkStream(await response.text());
    expect([choices[0]?.text, model]).toEqual(['Hello', 'other']);
  });

  it('is not sent for non-streaming calls, which have no visible first token', async () => {
    const pair = await runHedged('20ms', { m: 'hedge: { after: 20ms }, timeouts: { response: 20s }' });
    pair.primary.answer({ ...chatCompletion('Hi'), isSilent: true });
    const answer = pair.gateway.chat({});
    await pair.primary.request(1);
    setTimeout(() => pair.primary.release(), 80);
    await (await answer).text();
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it('is not sent to a target whose circuit breaker is open', async () => {
    const pair = await runHedged('20ms', { rest: 'breaker: { failures: 1 }\n' });
    pair.fallback.answer(chatError(500, 'server_error'));
    await (await pair.gateway.chat({ model: 'other', stream: true })).text();
    const before = pair.attempts()[1];
    pair.primary.answer(SILENT);
    const answer = ask(pair);
    await pair.primary.request(1);
    setTimeout(() => pair.primary.release(), 80);
    expect((await answer).model).toBe('m');
    expect(pair.attempts()[1]).toBe(before);
  });

  it('draws on the retry budget', async () => {
    const pair = await runHedged('1ms');
    pair.primary.answer(SILENT);
    const answers = Array.from({ length: 40 }, () => pair.gateway.chat({ stream: true }));
    await expect.poll(() => pair.attempts()[0]).toBe(40);
    await expect.poll(() => pair.attempts()[1]).toBeGreaterThan(4);
    setTimeout(() => pair.primary.release(), 100);
    for (const answer of answers) await (await answer).text();
    // A fifth of the calls, and the floor of a quiet gateway.
    expect(pair.attempts()[1]).toBeLessThanOrEqual(8 + 5 + 1);
  });

  it('with delay p95 waits until enough calls were measured, and is then sent when the target is later than its p95', async () => {
    const pair = await runHedged('p95');
    pair.primary.answer((_request, number) => ([1, 2, 22].includes(number) ? SILENT : ANSWER));
    const slow = [ask(pair), ask(pair)];
    await pair.primary.request(2);
    // The second slowest of twenty is what p95 waits for.
    setTimeout(() => pair.primary.release(), LATE_MS);
    await Promise.all(slow);
    for (let call = 0; call < 19; call++) await ask(pair);
    expect(pair.attempts()).toEqual([21, 0]);
    expect((await ask(pair)).model).toBe('other');
  });

  it('may be configured for all models, and be off for one', async () => {
    const off = 'hedge: { after: off }, timeouts: { first_token: 20s }';
    const pair = await runPair({ m: off, rest: 'hedge: { after: 20ms }\n' });
    pair.primary.answer(SILENT);
    const answer = ask(pair);
    await pair.primary.request(1);
    setTimeout(() => pair.primary.release(), 80);
    expect((await answer).model).toBe('m');
    expect(pair.attempts()).toEqual([1, 0]);
  });

  it('may be configured for a group, whatever its members say', async () => {
    const pair = await runPair({
      m: 'timeouts: { first_token: 20s }',
      other: '}\n  g: { targets: [m, other], hedge: { after: 30ms }',
    });
    pair.primary.answer(SILENT);
    expect((await ask(pair, { model: 'g' })).model).toBe('other');
  });
});

describe('an invalid hedge setting', () => {
  it('is refused with the values that are allowed', async () => {
    await expect(runHedged('soon')).rejects.toThrow('expected p95, off, or a duration such as 800ms, found "soon"');
  });
});
