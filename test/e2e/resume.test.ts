import { once } from 'node:events';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openaiFor } from '../clients/client.ts';
import { chatChunk, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { openSocket } from '../support/raw-http.ts';
import { type Requests, requestsOf, resumable, TWO_KEYS } from '../support/requests.ts';
import { checkStream } from '../support/stream-rules.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const ANSWER = chatStream('Hel', 'lo, ', 'Wörld ', '日本語', ' 🚀🚀', ' and', ' the', ' end', '.');
const TEXT = 'Hello, Wörld 日本語 🚀🚀 and the end.';
const IN_MID_STREAM = { ...ANSWER, stallAfterBytes: firstWordBytes(ANSWER) };

let upstream: TestUpstream;
let gateway: TestGateway;
let requests: Requests;

beforeEach(async () => {
  upstream = await runUpstream(IN_MID_STREAM);
  await start();
});

async function start(resume = '{}', server = '{ drain: 0ms }'): Promise<void> {
  const keys = TWO_KEYS.replace('{ drain: 0ms }', server);
  gateway = await runGateway(configFor(upstream.url, `${keys}resume: ${resume}\n`));
  requests = requestsOf(gateway, 'key-a');
}

/** Starts the call `mine`. */
function ask(body: object = {}, init: RequestInit = {}): Promise<Response> {
  const response = gateway.chat({ stream: true, ...body }, { ...resumable('mine'), ...init });
  response.catch(() => undefined);
  return response;
}

/** What a client got that lost its connection. */
interface Received {
  /** Whole events only. */
  readonly text: string;
  readonly lastId: number;
}

/** Reads this many bytes of a stream and drops the connection; what is no whole event then is lost. */
async function drop(response: Response, count: number): Promise<Received> {
  const reader = response.body?.getReader();
  let bytes = Buffer.alloc(0);
  while (bytes.length < count) {
    const piece = await reader?.read();
    if (!piece?.value) break;
    bytes = Buffer.concat([bytes, piece.value]);
  }
  await reader?.cancel();
  const cut = bytes.subarray(0, count);
  const end = cut.lastIndexOf('\n\n');
  const text = end < 0 ? '' : cut.subarray(0, end + 2).toString('utf8');
  return { text, lastId: Number([...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? 0) };
}

async function resumeText(lastId?: number | string): Promise<string> {
  return (await requests.resume('mine', lastId)).text();
}

/** Status and code of an error. */
async function refusal(response: Response): Promise<unknown[]> {
  const { error } = (await response.json()) as { error: { code: string } };
  return [response.status, error.code];
}

const refusalOf = async (lastId?: number | string): Promise<unknown[]> =>
  refusal(await requests.resume('mine', lastId));

/** A whole stream that nobody disturbed. `created` is the one thing in which another run may differ. */
async function undisturbed(): Promise<string> {
  upstream.answer(ANSWER);
  return (await ask()).text();
}

const timeless = (text: string): string => text.replace(/"created":\d+/g, '"created":0');

describe('a resumable stream (x-sluice-resumable)', () => {
  it('has SSE event ids from 1, and is otherwise the same as a plain stream', async () => {
    const text = await undisturbed();
    expect(checkStream(text).choices).toMatchObject([{ text: TEXT, finish: 'stop' }]);
    const ids = [...text.matchAll(/^id: (\d+)\ndata: /gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => index + 1));
    expect(text.split('\n\n')).toHaveLength(ids.length + 1);
    const plain = await gateway.chat({ stream: true }, resumable('mine'));
    const bare = await gateway.chat({ stream: true }, { headers: { authorization: 'Bearer key-a' } });
    const unnumbered = timeless(await plain.text()).replace(/^id: \d+\n/gm, '');
    expect(unnumbered.replaceAll('-mine"', '"')).toBe(timeless(await bare.text()).replace(/-[0-9a-f]{32}"/g, '"'));
  });

  it('is whole when it is dropped after any event and resumed by Last-Event-ID', async () => {
    const text = await undisturbed();
    for (let at = text.indexOf('\n\n'); at > 0; at = text.indexOf('\n\n', at + 2)) {
      upstream.answer({ ...ANSWER, pieceBytes: 40 });
      const received = await drop(await ask(), at + 2);
      expect(timeless(received.text + (await resumeText(received.lastId)))).toBe(timeless(text));
    }
  });

  it('is whole when it is dropped at any byte and resumed by Last-Event-ID, also more than once', async () => {
    const text = await undisturbed();
    const size = Buffer.byteLength(text);
    for (let round = 1; round <= 60; round++) {
      upstream.answer({ ...ANSWER, pieceBytes: 1 + ((round * 37) % 150) });
      const first = await drop(await ask(), (round * 7919) % size);
      const second = await drop(await requests.resume('mine', first.lastId), (round * 104_729) % size);
      const rest = await resumeText(Math.max(first.lastId, second.lastId));
      expect(timeless(first.text + second.text + rest)).toBe(timeless(text));
    }
  });

  it('is followed live once the client has resumed', async () => {
    const received = await drop(await ask(), 1);
    const resumed = await requests.resume('mine', received.lastId);
    upstream.release();
    expect(checkStream(await resumed.text()).choices).toMatchObject([{ text: TEXT }]);
  });

  it('runs on while no client is connected', async () => {
    const { lastId } = await drop(await ask(), 1);
    upstream.release();
    await expect.poll(async () => (await requests.one('mine')).body.state, { interval: 2 }).toBe('completed');
    expect(await resumeText(lastId)).toContain('[DONE]');
    expect(checkStream(await resumeText()).choices).toMatchObject([{ text: TEXT }]);
  });

  it('has the response headers of its call when it is resumed', async () => {
    const response = await ask();
    const resumed = await requests.resume('mine', 1);
    for (const name of ['x-request-id', 'x-sluice-model', 'x-sluice-provider', 'x-sluice-attempts', 'content-type']) {
      expect(resumed.headers.get(name)).toBe(response.headers.get(name));
    }
    expect(resumed.headers.get('x-request-id')).toBe('mine');
    expect(resumed.headers.get('x-sluice-model')).toBe('m');
  });

  it('can be read by several clients at once, each from its own Last-Event-ID', async () => {
    const responses = [await ask(), ...(await Promise.all([0, 1, 2, 0, 1].map((id) => requests.resume('mine', id))))];
    upstream.release();
    const texts = await Promise.all(responses.map((response) => response.text()));
    const [whole = ''] = texts;
    const from = (id: number): string => whole.slice(whole.indexOf(`id: ${id + 1}\n`));
    expect(checkStream(whole).choices).toMatchObject([{ text: TEXT }]);
    expect(texts).toEqual([0, 0, 1, 2, 0, 1].map(from));
  });

  it('can be resumed before its first token', async () => {
    upstream.answer({ ...ANSWER, isSilent: true });
    const response = ask();
    await upstream.request(1);
    const resumed = requests.resume('mine');
    await expect.poll(async () => (await requests.list()).body.data).toHaveLength(1);
    upstream.release();
    const [first, second] = await Promise.all([response, resumed]);
    expect(await second.text()).toBe(await first.text());
    expect(second.headers.get('x-sluice-provider')).toBe('up');
  });

  it('is empty when it is resumed after its last event', async () => {
    const text = await undisturbed();
    const last = text.match(/^id: /gm)?.length;
    const response = await requests.resume('mine', last);
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('has keepalive comments while the provider is silent', async () => {
    await start('{}', '{ drain: 0ms, keepalive: 10ms }');
    void ask();
    await upstream.request(1);
    const resumed = await requests.resume('mine');
    const { text } = await drop(resumed, 600);
    expect(text).toMatch(/^id: 1\ndata: [^\n]+\n\nid: 2\ndata: [^\n]+\n\n: keepalive\n\n/);
  });

  it('is read by the OpenAI client as any other stream', async () => {
    upstream.answer(ANSWER);
    const client = openaiFor(gateway, { apiKey: 'key-a', defaultHeaders: { 'x-sluice-resumable': 'true' } });
    const runner = client.chat.completions.stream({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] });
    expect(await runner.finalContent()).toBe(TEXT);
  });

  it('is cancelled for all of its readers', async () => {
    const responses = [await ask(), await requests.resume('mine'), await requests.resume('mine')];
    await Promise.all([requests.cancel('mine'), upstream.requests[0]?.closed]);
    for (const response of responses) {
      const { error, choices } = checkStream(await response.text(), { isFailed: true });
      expect([error, choices]).toMatchObject([{ code: 'request_cancelled' }, [{ text: 'Hel' }]]);
    }
    expect((await requests.one('mine')).body.state).toBe('cancelled');
  });
});

describe('a resumable stream that fails', () => {
  it('before its first token has its HTTP status for every reader, also when resumed later', async () => {
    upstream.answer({ status: 429, isSilent: true, headers: { 'retry-after': '7' } });
    const response = ask();
    await upstream.request(1);
    const resumed = requests.resume('mine');
    await expect.poll(async () => (await requests.list()).body.data).toHaveLength(1);
    upstream.release();
    for (const answer of [await response, await resumed, await requests.resume('mine')]) {
      expect(await refusal(answer)).toEqual([429, 'rate_limit_exceeded']);
      expect(answer.headers.get('retry-after')).toBe('7');
      expect(answer.headers.get('x-request-id')).toBe('mine');
      expect(answer.headers.get('x-sluice-attempts')).toBe('1');
    }
  });

  it('after its first token ends with an SSE error event that can be read again', async () => {
    upstream.answer({ ...ANSWER, destroyAfterBytes: firstWordBytes(ANSWER) });
    const text = await (await ask()).text();
    const { error } = checkStream(text, { isFailed: true });
    expect(error).toMatchObject({ code: 'upstream_stream_interrupted' });
    expect(await resumeText()).toBe(text);
    expect(await resumeText(2)).toMatch(/^id: 3\ndata: \{"error":\{[^\n]*\}\}\n\n$/);
  });
});

describe('resume.grace', () => {
  it('cancels a call to which no client comes back, and aborts the provider request', async () => {
    await start('{ grace: 30ms }');
    const { lastId } = await drop(await ask(), 1);
    await upstream.requests[0]?.closed;
    expect((await requests.one('mine')).body).toMatchObject({ state: 'cancelled', error: { code: 'client_closed' } });
    const { error, choices } = checkStream(await resumeText(lastId), { isFailed: true });
    expect([error, choices]).toMatchObject([{ code: 'client_closed' }, [{ text: 'Hel' }]]);
  });

  it('cancels a call before its first token as well', async () => {
    await start('{ grace: 10ms }');
    upstream.answer({ isSilent: true });
    const client = new AbortController();
    void ask({}, { signal: client.signal });
    const { closed } = await upstream.request(1);
    client.abort();
    await closed;
    expect(await refusalOf()).toEqual([499, 'client_closed']);
  });

  it('does not cancel a call that another client still reads', async () => {
    await start('{ grace: 0ms }');
    const response = await ask();
    const other = await requests.resume('mine');
    await drop(response, 1);
    upstream.release();
    expect(checkStream(await other.text()).choices).toMatchObject([{ text: TEXT }]);
  });

  it('begins anew for a client that resumed and disconnected again', async () => {
    await start('{ grace: 30ms }');
    const { lastId } = await drop(await ask(), 1);
    await drop(await requests.resume('mine', lastId), 1);
    await upstream.requests[0]?.closed;
    expect((await requests.one('mine')).body.state).toBe('cancelled');
  });
});

describe('the retention of a resumable stream', () => {
  it('ends resume.keep after its end: 410 stream_expired', async () => {
    await start('{ keep: 20ms }');
    await undisturbed();
    await expect.poll(() => refusalOf(), { interval: 5 }).toEqual([410, 'stream_expired']);
    expect((await requests.one('mine')).body.state).toBe('completed');
  });

  it('is bounded by resume.max_bytes: an old Last-Event-ID gets 410 stream_expired, a recent one is served', async () => {
    await start('{ max_bytes: 1kb }');
    const text = await undisturbed();
    const last = text.match(/^id: /gm)?.length ?? 0;
    expect(await refusalOf()).toEqual([410, 'stream_expired']);
    expect(await refusalOf(1)).toEqual([410, 'stream_expired']);
    expect(await resumeText(last - 1)).toBe(`id: ${last}\ndata: [DONE]\n\n`);
  });

  it('never expires for a reader that keeps up, however small resume.max_bytes is', async () => {
    await start('{ max_bytes: 1kb }');
    upstream.answer(chatStream('x'.repeat(300_000), 'y'.repeat(300_000)));
    const { choices } = checkStream(await (await ask()).text());
    expect(choices[0]?.text).toHaveLength(600_000);
  });

  it('is not shared with a later call of the same request id', async () => {
    await undisturbed();
    upstream.answer(chatStream('Another'));
    await (await ask({}, { headers: { authorization: 'Bearer key-a', 'x-request-id': 'mine' } })).text();
    expect(await refusalOf()).toEqual([409, 'request_not_resumable']);
    await (await ask()).text();
    expect(checkStream(await resumeText()).choices).toMatchObject([{ text: 'Another' }]);
  });
});

describe('GET /v1/requests/:id/stream is refused', () => {
  it.each([99, -1, '1.5', 'abc', '0x1', '1 2', '9'.repeat(400)])(
    'with 400 invalid_value for an unknown Last-Event-ID: %j',
    async (id) => {
      await undisturbed();
      expect(await refusalOf(id)).toEqual([400, 'invalid_value']);
    },
  );

  it('with 409 request_not_resumable when the call was not started as resumable', async () => {
    await gateway.chat({ stream: true }, { headers: { authorization: 'Bearer key-a', 'x-request-id': 'mine' } });
    expect(await refusalOf()).toEqual([409, 'request_not_resumable']);
  });

  it('with 409 request_not_resumable when the answer is not streamed', async () => {
    upstream.answer({ isSilent: true });
    void ask({ stream: false });
    await upstream.request(1);
    expect(await refusalOf()).toEqual([409, 'request_not_resumable']);
  });

  it('with 404 request_not_found when the id is unknown, or of another API key', async () => {
    await ask();
    const other = requestsOf(gateway, 'key-b');
    expect(await refusal(await other.resume('mine'))).toEqual([404, 'request_not_found']);
    expect(await refusal(await requests.resume('unknown'))).toEqual([404, 'request_not_found']);
  });

  it('with 409 request_id_in_use for a second resumable call of that id, and the first goes on', async () => {
    const response = await ask();
    expect(await refusal(await ask())).toEqual([409, 'request_id_in_use']);
    upstream.release();
    expect(checkStream(await response.text()).choices).toMatchObject([{ text: TEXT }]);
  });
});

describe('a slow reader of a resumable stream that stalls', () => {
  const WORD = 'x'.repeat(10_000);
  const COUNT = 3000;
  const flood = chatStream(...Array.from({ length: COUNT }, () => WORD));

  /** A reader of `mine` that reads nothing. */
  async function stall(): Promise<Socket> {
    const socket = openSocket(gateway.url).pause();
    onTestFinished(() => void socket.destroy());
    socket.write('GET /v1/requests/mine/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-a\r\n\r\n');
    await once(socket, 'readable');
    return socket;
  }

  it('does not hold the other readers back, and memory stays bounded', async () => {
    const before = process.memoryUsage().rss;
    upstream.answer({ ...flood, stallAfterBytes: firstWordBytes(flood), pieceBytes: chatChunk(WORD).length });
    const response = await ask();
    await Promise.all(Array.from({ length: 20 }, stall));
    upstream.release();
    let size = 0;
    let end = '';
    for await (const piece of response.body ?? []) {
      size += piece.length;
      end = (end + Buffer.from(piece).toString('utf8')).slice(-200);
    }
    expect(end).toContain('[DONE]');
    expect(size).toBeGreaterThan(WORD.length * COUNT);
    // Twenty readers that each held what they have not read would hold 600 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 ** 2);
  });

  it('and falls behind what is kept gets stream_expired when it reads again', async () => {
    await start('{ max_bytes: 100kb }');
    upstream.answer({ ...flood, stallAfterBytes: firstWordBytes(flood) });
    const response = await ask();
    const socket = await stall();
    upstream.release();
    await response.text().catch(() => undefined);
    let end = '';
    for await (const piece of socket) {
      end = (end + String(piece)).slice(-400);
      if (end.endsWith('0\r\n\r\n')) break;
    }
    expect(end).toMatch(/data: \{"error":\{[^\n]*"code":"stream_expired"\}\}\n\n\r\n0\r\n\r\n$/);
  });
});

describe('graceful shutdown (server.drain) with resumable streams', () => {
  it('lets a resumable stream that is read come to its end', async () => {
    await start('{}', '{ drain: 10s }');
    const { lastId } = await drop(await ask(), 1);
    const resumed = await requests.resume('mine', lastId);
    const stopped = gateway.stop();
    upstream.release();
    expect(checkStream(await resumed.text()).choices).toMatchObject([{ text: TEXT }]);
    await stopped;
  });

  it('aborts a resumable stream without readers, and its provider request', async () => {
    await start('{}', '{ drain: 10s }');
    await drop(await ask(), 1);
    await Promise.all([gateway.stop(), upstream.requests[0]?.closed]);
    expect(gateway.log.join()).toContain('"error":"shutting_down"');
  });

  it('ends every reader with shutting_down when server.drain is over', async () => {
    await start('{}', '{ drain: 20ms }');
    const responses = [await ask(), await requests.resume('mine', 1)];
    await gateway.stop();
    for (const response of responses) expect(await response.text()).toMatch(/"code":"shutting_down"\}\}\n\n$/);
  });
});
