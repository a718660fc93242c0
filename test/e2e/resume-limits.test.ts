import { once } from 'node:events';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { chatChunk, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { openSocket } from '../support/raw-http.ts';
import { requestsOf } from '../support/requests.ts';
import { type ResumableScene, refusal, runResumable, TEXT } from '../support/resumable.ts';
import { checkStream } from '../support/stream-rules.ts';

let scene: ResumableScene;

beforeEach(async () => {
  scene = await runResumable();
});

describe('GET /v1/requests/:id/stream is refused', () => {
  it.each([99, -1, '1.5', 'abc', '0x1', '1 2', '9'.repeat(400)])(
    'with 400 invalid_value for an unknown Last-Event-ID: %j',
    async (id) => {
      await scene.undisturbed();
      expect(await scene.refusalOf(id)).toEqual([400, 'invalid_value']);
    },
  );

  it('with 409 request_not_resumable when the call was not started as resumable', async () => {
    await scene.gateway.chat({ stream: true }, { headers: { authorization: 'Bearer key-a', 'x-request-id': 'mine' } });
    expect(await scene.refusalOf()).toEqual([409, 'request_not_resumable']);
  });

  it('with 409 request_not_resumable when the answer is not streamed', async () => {
    scene.upstream.answer({ isSilent: true });
    void scene.ask({ stream: false });
    await scene.upstream.request(1);
    expect(await scene.refusalOf()).toEqual([409, 'request_not_resumable']);
  });

  it('with 404 request_not_found when the id is unknown, or of another API key', async () => {
    await scene.ask();
    const other = requestsOf(scene.gateway, 'key-b');
    expect(await refusal(await other.resume('mine'))).toEqual([404, 'request_not_found']);
    expect(await refusal(await scene.requests.resume('unknown'))).toEqual([404, 'request_not_found']);
  });

  it('with 409 request_id_in_use for a second resumable call of that id, and the first goes on', async () => {
    const response = await scene.ask();
    expect(await refusal(await scene.ask())).toEqual([409, 'request_id_in_use']);
    scene.upstream.release();
    expect(checkStream(await response.text()).choices).toMatchObject([{ text: TEXT }]);
  });
});

describe('a slow reader of a resumable stream that stalls', () => {
  const WORD = 'x'.repeat(10_000);
  const COUNT = 3000;
  const flood = chatStream(...Array.from({ length: COUNT }, () => WORD));

  /** A reader of `mine` that reads nothing. */
  async function stall(): Promise<Socket> {
    const socket = openSocket(scene.gateway.url).pause();
    onTestFinished(() => void socket.destroy());
    socket.write('GET /v1/requests/mine/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-a\r\n\r\n');
    await once(socket, 'readable');
    return socket;
  }

  it('does not hold the other readers back, and memory stays bounded', async () => {
    const before = process.memoryUsage().rss;
    scene.upstream.answer({ ...flood, stallAfterBytes: firstWordBytes(flood), pieceBytes: chatChunk(WORD).length });
    const response = await scene.ask();
    await Promise.all(Array.from({ length: 20 }, stall));
    scene.upstream.release();
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
    await scene.start('{ max_bytes: 100kb }');
    scene.upstream.answer({ ...flood, stallAfterBytes: firstWordBytes(flood) });
    const response = await scene.ask();
    const socket = await stall();
    scene.upstream.release();
    await response.text().catch(() => undefined);
    let end = '';
    for await (const piece of socket) {
      end = (end + String(piece)).slice(-400);
      if (end.endsWith('0\r\n\r\n')) break;
    }
    expect(end).toMatch(/data: \{"error":\{[^\n]*"code":"stream_expired"\}\}\n\n\r\n0\r\n\r\n$/);
  });
});
