import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Headers } from '../load.ts';

const PATIENCE_MS = 30_000;
const POLL_MS = 5;

/** A port that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Asks again and again, until a chat call is answered with 200. */
export async function untilAnswered(url: string, headers: Headers, model = 'bench'): Promise<void> {
  const dispatcher = new Agent();
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello!' }] });
  const deadline = performance.now() + PATIENCE_MS;
  let answer = '';
  while (performance.now() < deadline) {
    try {
      const { statusCode, body: text } = await request(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        dispatcher,
      });
      answer = `HTTP ${statusCode} ${await text.text()}`;
      if (statusCode === 200) return;
    } catch (error) {
      // It does not listen yet.
      answer = String(error);
    }
    await sleep(POLL_MS);
  }
  throw new Error(`${url} had no answer for ${PATIENCE_MS} ms; the last try: ${answer}`);
}
