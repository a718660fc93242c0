import { beforeEach, describe, expect, it } from 'vitest';
import { chatStream } from '../support/chat-answers.ts';
import { drop, type ResumableScene, runResumable, TEXT } from '../support/resumable.ts';
import { checkStream } from '../support/stream-rules.ts';

let scene: ResumableScene;

beforeEach(async () => {
  scene = await runResumable();
});

describe('resume.grace', () => {
  it('cancels a call to which no client comes back, and aborts the provider request', async () => {
    await scene.start('{ grace: 30ms }');
    const { lastId } = await drop(await scene.ask(), 1);
    await scene.upstream.requests[0]?.closed;
    expect((await scene.requests.one('mine')).body).toMatchObject({
      state: 'cancelled',
      error: { code: 'client_closed' },
    });
    const { error, choices } = checkStream(await scene.resumeText(lastId), { isFailed: true });
    expect([error, choices]).toMatchObject([{ code: 'client_closed' }, [{ text: 'Hel' }]]);
  });

  it('cancels a call before its first token as well', async () => {
    await scene.start('{ grace: 10ms }');
    scene.upstream.answer({ isSilent: true });
    const client = new AbortController();
    void scene.ask({}, { signal: client.signal });
    const { closed } = await scene.upstream.request(1);
    client.abort();
    await closed;
    expect(await scene.refusalOf()).toEqual([499, 'client_closed']);
  });

  it('does not cancel a call that another client still reads', async () => {
    await scene.start('{ grace: 0ms }');
    const response = await scene.ask();
    const other = await scene.requests.resume('mine');
    await drop(response, 1);
    scene.upstream.release();
    expect(checkStream(await other.text()).choices).toMatchObject([{ text: TEXT }]);
  });

  it('begins anew for a client that resumed and disconnected again', async () => {
    await scene.start('{ grace: 30ms }');
    const { lastId } = await drop(await scene.ask(), 1);
    await drop(await scene.requests.resume('mine', lastId), 1);
    await scene.upstream.requests[0]?.closed;
    expect((await scene.requests.one('mine')).body.state).toBe('cancelled');
  });
});

describe('the retention of a resumable stream', () => {
  it('ends resume.keep after its end: 410 stream_expired', async () => {
    await scene.start('{ keep: 20ms }');
    await scene.undisturbed();
    await expect.poll(() => scene.refusalOf(), { interval: 5 }).toEqual([410, 'stream_expired']);
    expect((await scene.requests.one('mine')).body.state).toBe('completed');
  });

  it('is bounded by resume.max_bytes: an old Last-Event-ID gets 410 stream_expired, a recent one is served', async () => {
    await scene.start('{ max_bytes: 1kb }');
    const text = await scene.undisturbed();
    const last = text.match(/^id: /gm)?.length ?? 0;
    expect(await scene.refusalOf()).toEqual([410, 'stream_expired']);
    expect(await scene.refusalOf(1)).toEqual([410, 'stream_expired']);
    expect(await scene.resumeText(last - 1)).toBe(`id: ${last}\ndata: [DONE]\n\n`);
  });

  it('never expires for a reader that keeps up, however small resume.max_bytes is', async () => {
    await scene.start('{ max_bytes: 1kb }');
    scene.upstream.answer(chatStream('x'.repeat(300_000), 'y'.repeat(300_000)));
    const { choices } = checkStream(await (await scene.ask()).text());
    expect(choices[0]?.text).toHaveLength(600_000);
  });

  it('is not shared with a later call of the same request id', async () => {
    await scene.undisturbed();
    scene.upstream.answer(chatStream('Another'));
    await (await scene.ask({}, { headers: { authorization: 'Bearer key-a', 'x-request-id': 'mine' } })).text();
    expect(await scene.refusalOf()).toEqual([409, 'request_not_resumable']);
    await (await scene.ask()).text();
    expect(checkStream(await scene.resumeText()).choices).toMatchObject([{ text: 'Another' }]);
  });
});

describe('graceful shutdown (server.drain) with resumable streams', () => {
  it('lets a resumable stream that is read come to its end', async () => {
    await scene.start('{}', '{ drain: 10s }');
    const { lastId } = await drop(await scene.ask(), 1);
    const resumed = await scene.requests.resume('mine', lastId);
    const stopped = scene.gateway.stop();
    scene.upstream.release();
    expect(checkStream(await resumed.text()).choices).toMatchObject([{ text: TEXT }]);
    await stopped;
  });

  it('aborts a resumable stream without readers, and its provider request', async () => {
    await scene.start('{}', '{ drain: 10s }');
    await drop(await scene.ask(), 1);
    await Promise.all([scene.gateway.stop(), scene.upstream.requests[0]?.closed]);
    expect(scene.gateway.log.join()).toContain('"error":"shutting_down"');
  });

  it('ends every reader with shutting_down when server.drain is over', async () => {
    await scene.start('{}', '{ drain: 20ms }');
    const responses = [await scene.ask(), await scene.requests.resume('mine', 1)];
    await scene.gateway.stop();
    for (const response of responses) expect(await response.text()).toMatch(/"code":"shutting_down"\}\}\n\n$/);
  });
});
