import { beforeEach, describe, expect, it } from 'vitest';
import { openaiFor } from '../clients/client.ts';
import { firstWordBytes } from '../support/chat-answers.ts';
import { resumable } from '../support/requests.ts';
import { ANSWER, drop, type ResumableScene, refusal, runResumable, TEXT } from '../support/resumable.ts';
import { checkStream } from '../support/stream-rules.ts';

let scene: ResumableScene;

beforeEach(async () => {
  scene = await runResumable();
});

const timeless = (text: string): string => text.replace(/"created":\d+/g, '"created":0');

describe('a resumable stream (x-sluice-resumable)', () => {
  it('has SSE event ids from 1, and is otherwise the same as a plain stream', async () => {
    const text = await scene.undisturbed();
    expect(checkStream(text).choices).toMatchObject([{ text: TEXT, finish: 'stop' }]);
    const ids = [...text.matchAll(/^id: (\d+)\ndata: /gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => index + 1));
    expect(text.split('\n\n')).toHaveLength(ids.length + 1);
    const plain = await scene.gateway.chat({ stream: true }, resumable('mine'));
    const bare = await scene.gateway.chat({ stream: true }, { headers: { authorization: 'Bearer key-a' } });
    const unnumbered = timeless(await plain.text()).replace(/^id: \d+\n/gm, '');
    expect(unnumbered.replaceAll('-mine"', '"')).toBe(timeless(await bare.text()).replace(/-[0-9a-f]{32}"/g, '"'));
  });

  it('is whole when it is dropped after any event and resumed by Last-Event-ID', async () => {
    const text = await scene.undisturbed();
    for (let at = text.indexOf('\n\n'); at > 0; at = text.indexOf('\n\n', at + 2)) {
      scene.upstream.answer({ ...ANSWER, pieceBytes: 40 });
      const received = await drop(await scene.ask(), at + 2);
      expect(timeless(received.text + (await scene.resumeText(received.lastId)))).toBe(timeless(text));
    }
  });

  it('is whole when it is dropped at any byte and resumed by Last-Event-ID, also more than once', async () => {
    const text = await scene.undisturbed();
    const size = Buffer.byteLength(text);
    for (let round = 1; round <= 60; round++) {
      scene.upstream.answer({ ...ANSWER, pieceBytes: 1 + ((round * 37) % 150) });
      const first = await drop(await scene.ask(), (round * 7919) % size);
      const second = await drop(await scene.requests.resume('mine', first.lastId), (round * 104_729) % size);
      const rest = await scene.resumeText(Math.max(first.lastId, second.lastId));
      expect(timeless(first.text + second.text + rest)).toBe(timeless(text));
    }
  });

  it('is followed live once the client has resumed', async () => {
    const received = await drop(await scene.ask(), 1);
    const resumed = await scene.requests.resume('mine', received.lastId);
    scene.upstream.release();
    expect(checkStream(await resumed.text()).choices).toMatchObject([{ text: TEXT }]);
  });

  it('runs on while no client is connected', async () => {
    const { lastId } = await drop(await scene.ask(), 1);
    scene.upstream.release();
    await expect.poll(async () => (await scene.requests.one('mine')).body.state, { interval: 2 }).toBe('completed');
    expect(await scene.resumeText(lastId)).toContain('[DONE]');
    expect(checkStream(await scene.resumeText()).choices).toMatchObject([{ text: TEXT }]);
  });

  it('has the response headers of its call when it is resumed', async () => {
    const response = await scene.ask();
    const resumed = await scene.requests.resume('mine', 1);
    for (const name of ['x-request-id', 'x-sluice-model', 'x-sluice-provider', 'x-sluice-attempts', 'content-type']) {
      expect(resumed.headers.get(name)).toBe(response.headers.get(name));
    }
    expect(resumed.headers.get('x-request-id')).toBe('mine');
    expect(resumed.headers.get('x-sluice-model')).toBe('m');
  });

  it('can be read by several clients at once, each from its own Last-Event-ID', async () => {
    const responses = [
      await scene.ask(),
      ...(await Promise.all([0, 1, 2, 0, 1].map((id) => scene.requests.resume('mine', id)))),
    ];
    scene.upstream.release();
    const texts = await Promise.all(responses.map((response) => response.text()));
    const [whole = ''] = texts;
    const from = (id: number): string => whole.slice(whole.indexOf(`id: ${id + 1}\n`));
    expect(checkStream(whole).choices).toMatchObject([{ text: TEXT }]);
    expect(texts).toEqual([0, 0, 1, 2, 0, 1].map(from));
  });

  it('can be resumed before its first token', async () => {
    scene.upstream.answer({ ...ANSWER, isSilent: true });
    const response = scene.ask();
    await scene.upstream.request(1);
    const resumed = scene.requests.resume('mine');
    await expect.poll(async () => (await scene.requests.list()).body.data).toHaveLength(1);
    scene.upstream.release();
    const [first, second] = await Promise.all([response, resumed]);
    expect(await second.text()).toBe(await first.text());
    expect(second.headers.get('x-sluice-provider')).toBe('up');
  });

  it('is empty when it is resumed after its last event', async () => {
    const text = await scene.undisturbed();
    const last = text.match(/^id: /gm)?.length;
    const response = await scene.requests.resume('mine', last);
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('has keepalive comments while the provider is silent', async () => {
    await scene.start('{}', '{ drain: 0ms, keepalive: 10ms }');
    void scene.ask();
    await scene.upstream.request(1);
    const resumed = await scene.requests.resume('mine');
    const { text } = await drop(resumed, 600);
    expect(text).toMatch(/^id: 1\ndata: [^\n]+\n\nid: 2\ndata: [^\n]+\n\n: keepalive\n\n/);
  });

  it('is read by the OpenAI client as any other stream', async () => {
    scene.upstream.answer(ANSWER);
    const client = openaiFor(scene.gateway, { apiKey: 'key-a', defaultHeaders: { 'x-sluice-resumable': 'true' } });
    const runner = client.chat.completions.stream({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] });
    expect(await runner.finalContent()).toBe(TEXT);
  });

  it('is cancelled for all of its readers', async () => {
    const responses = [await scene.ask(), await scene.requests.resume('mine'), await scene.requests.resume('mine')];
    await Promise.all([scene.requests.cancel('mine'), scene.upstream.requests[0]?.closed]);
    for (const response of responses) {
      const { error, choices } = checkStream(await response.text(), { isFailed: true });
      expect([error, choices]).toMatchObject([{ code: 'request_cancelled' }, [{ text: 'Hel' }]]);
    }
    expect((await scene.requests.one('mine')).body.state).toBe('cancelled');
  });
});

describe('a resumable stream that fails', () => {
  it('before its first token has its HTTP status for every reader, also when resumed later', async () => {
    scene.upstream.answer({ status: 429, isSilent: true, headers: { 'retry-after': '7' } });
    const response = scene.ask();
    await scene.upstream.request(1);
    const resumed = scene.requests.resume('mine');
    await expect.poll(async () => (await scene.requests.list()).body.data).toHaveLength(1);
    scene.upstream.release();
    for (const answer of [await response, await resumed, await scene.requests.resume('mine')]) {
      expect(await refusal(answer)).toEqual([429, 'rate_limit_exceeded']);
      expect(answer.headers.get('retry-after')).toBe('7');
      expect(answer.headers.get('x-request-id')).toBe('mine');
      expect(answer.headers.get('x-sluice-attempts')).toBe('1');
    }
  });

  it('after its first token ends with an SSE error event that can be read again', async () => {
    scene.upstream.answer({ ...ANSWER, destroyAfterBytes: firstWordBytes(ANSWER) });
    const text = await (await scene.ask()).text();
    const { error } = checkStream(text, { isFailed: true });
    expect(error).toMatchObject({ code: 'upstream_stream_interrupted' });
    expect(await scene.resumeText()).toBe(text);
    expect(await scene.resumeText(2)).toMatch(/^id: 3\ndata: \{"error":\{[^\n]*\}\}\n\n$/);
  });
});
