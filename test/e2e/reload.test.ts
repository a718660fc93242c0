import { describe, expect, it } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { chatCompletion, chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { load, mistakes } from '../support/config-files.ts';
import { configFor, runGateway } from '../support/gateway.ts';
import { checkStream } from '../support/stream-rules.ts';
import { runUpstream } from '../support/upstream.ts';

const DRAIN = 'server: { drain: 0ms }';

describe('a configuration reload', () => {
  it('serves new calls by the new configuration, and calls in flight by the old one', async () => {
    const answer = chatStream('Hel', 'lo');
    const before = await runUpstream({ ...answer, stallAfterBytes: firstWordBytes(answer) });
    const after = await runUpstream(chatCompletion('new'));
    const gateway = await runGateway(configFor(before.url, DRAIN));
    const old = await gateway.chat({ stream: true });

    const keys = `${DRAIN}\nauth: { keys: [{ name: a, key: key-a }] }`;
    await gateway.reload(() => load(configFor(after.url, keys).replace('m-alias', 'm-renamed')));
    expect((await gateway.chat({})).status).toBe(401);
    const headers = { authorization: 'Bearer key-a' };
    const fresh = await gateway.chat({ model: 'm-renamed' }, { headers });
    expect(await fresh.json()).toMatchObject({ choices: [{ message: { content: 'new' } }] });
    expect((await gateway.chat({ model: 'm-alias' }, { headers })).status).toBe(404);

    before.release();
    expect(checkStream(await old.text()).choices).toMatchObject([{ text: 'Hello' }]);
  });

  it('applies a changed server.body_limit at once', async () => {
    const upstream = await runUpstream(chatCompletion('Hi'));
    const gateway = await runGateway(configFor(upstream.url, DRAIN));
    const body = { user: 'x'.repeat(2000) };
    expect((await gateway.chat(body)).status).toBe(200);
    await gateway.reload(() => load(configFor(upstream.url, 'server: { drain: 0ms, body_limit: 1kb }')));
    expect((await gateway.chat(body)).status).toBe(413);
  });

  it('applies changed goals of /metrics/performance', async () => {
    const gateway = await runGateway(configFor('http://127.0.0.1:9', DRAIN));
    const targetOf = async (): Promise<unknown> => {
      const response = await fetch(`${gateway.url}/metrics/performance`);
      return recordOf(recordOf(recordOf(await response.json())['targets'])['cancel_p95'])['target'];
    };
    expect(await targetOf()).toBe(300);
    await gateway.reload(() => load(configFor('http://127.0.0.1:9', `${DRAIN}\ntargets: { cancel_p95: 50ms }`)));
    expect(await targetOf()).toBe(50);
  });

  it('is refused for timeouts that are longer than a timer can be (setTimeout overflow)', () => {
    expect(mistakes('providers: { demo: { kind: demo } }\ntimeouts: { total: 90d }\n')).toEqual([
      'gateway.yaml:2:20: timeouts.total: expected a duration such as 500ms, 30s, 2m or 1h, and at most 24d, found "90d"',
    ]);
  });
});
