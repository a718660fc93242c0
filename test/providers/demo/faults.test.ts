import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemoServer } from '../../../src/providers/demo/server.ts';
import type { EmbeddedServer } from '../../../src/providers/provider.ts';

let server: EmbeddedServer;

beforeAll(async () => {
  server = await startDemoServer();
});

afterAll(() => server.close());

function ask(model: string, rest: object = {}): Promise<Response> {
  const messages = [{ role: 'user', content: 'Hello!' }];
  const body = JSON.stringify({ model, messages, ...rest });
  return fetch(`${server.baseUrl}/chat/completions`, { method: 'POST', body });
}

describe('a fault of the demo model', () => {
  it.each([
    ['demo:429', 429, 'rate_limit_exceeded'],
    ['demo:500', 500, 'server_error'],
  ])('%s is an HTTP error', async (model, status, code) => {
    const response = await ask(model);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
  });

  it('demo:reset resets the connection', async () => {
    await expect(ask('demo:reset')).rejects.toThrow();
  });

  it('demo:silent sends no answer (timeout)', async () => {
    const controller = new AbortController();
    const body = '{"model":"demo:silent","messages":[]}';
    const init = { method: 'POST', body, signal: controller.signal };
    const silent = fetch(`${server.baseUrl}/chat/completions`, init).then(
      () => 'answered',
      () => 'aborted',
    );
    // Whoever asks later is answered earlier.
    await (await ask('demo')).text();
    controller.abort();
    expect(await silent).toBe('aborted');
  });

  it.each([true, false])('demo:cut breaks off in the middle (stream: %s)', async (stream) => {
    const response = await ask('demo:cut', { stream });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it('demo:garbage sends invalid JSON in the middle', async () => {
    const text = await (await ask('demo:garbage', { stream: true })).text();
    const events = text.trim().split('\n\n');
    expect(events).toHaveLength(10);
    expect(() => JSON.parse(events[9]?.slice(6) ?? '')).toThrow();
    await expect((await ask('demo:garbage')).json()).rejects.toThrow();
  });

  it('demo:no-done sends the whole stream without [DONE]', async () => {
    const text = await (await ask('demo:no-done', { stream: true })).text();
    expect(text).toContain('"finish_reason":"stop"');
    expect(text).not.toContain('[DONE]');
  });

  it('demo:stall stalls in the middle (idle timeout)', async () => {
    const reader = (await ask('demo:stall', { stream: true })).body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (text.split('\n\n').length < 10) text += (await reader?.read())?.value ?? '';
    const rest = reader?.read().then(({ value }) => value);
    await (await ask('demo')).text();
    expect(await Promise.race([rest, Promise.resolve('nothing yet')])).toBe('nothing yet');
    await reader?.cancel();
  });
});
