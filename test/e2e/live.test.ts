import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type JsonRecord, parseJson, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { runGateway } from '../support/gateway.ts';

const BASE = 'providers: { demo: { kind: demo } }\n';
const KEYS =
  'auth: { keys: [{ name: team-a, key: key-a }, { name: team-b, key: key-b }, { name: ops, key: key-o, admin: true }] }\n';

interface LiveReader {
  readonly response: Response;
  readonly events: EventSourceMessage[];
  readonly isOver: () => boolean;
  leave(): void;
  /** The data of the first event of this name for which the condition holds. */
  next(event: string, isIt?: (data: Facts) => boolean): Promise<Facts>;
}

type Facts = JsonRecord;

async function read(url: string, headers: Record<string, string> = {}): Promise<LiveReader> {
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const response = await fetch(`${url}/v1/live`, { headers, signal: gone.signal });
  const events: EventSourceMessage[] = [];
  let isOver = false;
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const follow = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }));
  };
  if (response.ok)
    follow()
      .catch(() => undefined)
      .finally(() => {
        isOver = true;
      });
  const next = async (event: string, isIt: (data: Facts) => boolean = () => true): Promise<Facts> => {
    const find = (): Facts | undefined =>
      events
        .filter((one) => one.event === event)
        .map(({ data }) => recordOf(parseJson(data)))
        .find(isIt);
    await expect.poll(find).toBeDefined();
    return find() ?? {};
  };
  return { response, events, isOver: () => isOver, leave: () => gone.abort(), next };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('GET /v1/live', () => {
  it('tells of a call in flight, of its end with usage and cost, of performance and health', async () => {
    const gateway = await runGateway(`${BASE}server: { drain: 0ms }\n`);
    const reader = await read(gateway.url);
    expect(reader.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(await reader.next('calls')).toMatchObject({
      full: true,
      changed: [],
      gone: [],
      in_flight: 0,
      tokens_per_s: 0,
    });
    expect(await reader.next('health')).toEqual({ breakers: [], keys_resting: 0, reload: null });
    const asked = gateway.chat({ model: 'demo:stall', stream: true }, { headers: { 'x-request-id': 'one' } });
    const changed = await reader.next('calls', (data) => recordsOf(data['changed'])[0]?.['state'] === 'streaming');
    expect(changed).toMatchObject({ full: false, in_flight: 1, changed: [{ id: 'one', object: 'request' }] });
    await fetch(`${gateway.url}/v1/requests/one`, { method: 'DELETE' });
    await (await asked).text();
    expect(await reader.next('ended')).toMatchObject({
      // Its provider has counted nothing: these are the estimates of the record.
      call: { id: 'one', state: 'cancelled', usage: { completion_tokens: expect.any(Number) } },
      usage: { object: 'usage.record', id: 'one', outcome: 'cancelled', cost_usd: 0 },
    });
    expect(await reader.next('calls', ({ gone }) => Array.isArray(gone) && gone.includes('one'))).toMatchObject({
      in_flight: 0,
    });
    expect(await reader.next('performance')).toMatchObject({ targets: { passing: true } });
    expect(JSON.stringify(reader.events)).not.toContain('Hello');
    const { config } = gateway.snapshot();
    await gateway.reload(() => ({ ...config }));
    expect(await reader.next('health', ({ reload }) => recordOf(reload)['ok'] === true)).toMatchObject({
      reload: { ok: true },
    });
  });

  it('tells a key of its own calls and of no health, an admin of all', async () => {
    const { url, chat } = await runGateway(`${BASE}server: { drain: 0ms }\n${KEYS}`);
    await (await chat({ model: 'demo' }, { headers: bearer('key-a') })).text();
    // Pages about calls tell of every one that has ended.
    await fetch(`${url}/v1/requests`, { headers: bearer('key-a') });
    const [own, other, all] = await Promise.all(['key-a', 'key-b', 'key-o'].map((key) => read(url, bearer(key))));
    await (await chat({ model: 'demo' }, { headers: bearer('key-a') })).text();
    expect(await own?.next('ended')).toMatchObject({ call: { key: 'team-a' } });
    expect(await all?.next('ended')).toMatchObject({ call: { key: 'team-a' } });
    expect(await own?.next('performance')).toMatchObject({ calls: 1 });
    expect(await other?.next('performance')).toMatchObject({ calls: 0 });
    await all?.next('health');
    expect(other?.events.map(({ event }) => event)).not.toContain('ended');
    expect([...(own?.events ?? []), ...(other?.events ?? [])].map(({ event }) => event)).not.toContain('health');
  });

  it('goes on after Last-Event-ID, and says reset where that is not known', async () => {
    const { url, chat } = await runGateway(`${BASE}server: { drain: 0ms }\n`);
    const first = await read(url);
    await first.next('health');
    const lastEventId = first.events.at(-1)?.id ?? '';
    first.leave();
    await (await chat({ model: 'demo' })).text();
    const again = await read(url, { 'last-event-id': lastEventId });
    await again.next('ended');
    expect(again.events.map(({ event }) => event)).not.toContain('reset');
    expect(Number(again.events[0]?.id)).toBeGreaterThan(Number(lastEventId));
    expect(await (await read(url, { 'last-event-id': '12' })).next('reset')).toEqual({ reason: 'last_event_id' });
  });

  it('needs a key where others do, takes a session, and ends with either', async () => {
    const gateway = await runGateway(`${BASE}server: { drain: 0ms }\n${KEYS}`);
    const { url } = gateway;
    expect((await read(url)).response.status).toBe(401);
    const signedIn = await fetch(`${url}/console/session`, { method: 'POST', headers: bearer('key-a') });
    const session = {
      cookie: String(signedIn.headers.get('set-cookie')).split(';')[0] ?? '',
      'x-sluice-console': '1',
    };
    const [withSession, withKey, other] = await Promise.all(
      [session, bearer('key-b'), bearer('key-a')].map((headers) => read(url, headers)),
    );
    await fetch(`${url}/console/session`, { method: 'DELETE', headers: session });
    await expect.poll(() => withSession?.isOver()).toBe(true);
    const { config } = gateway.snapshot();
    await gateway.reload(() => ({ ...config, keys: config.keys.filter(({ name }) => name !== 'team-b') }));
    await expect.poll(() => withKey?.isOver()).toBe(true);
    expect(other?.isOver()).toBe(false);
  });

  it('has 32 readers: one more is 429, and a place is free again when one leaves', async () => {
    const { url } = await runGateway(`${BASE}server: { drain: 0ms }\n`);
    const readers = await Promise.all(Array.from({ length: 32 }, () => read(url)));
    const { response } = await read(url);
    expect([response.status, await response.json()]).toMatchObject([
      429,
      { error: { code: 'concurrency_limit_exceeded' } },
    ]);
    readers[0]?.leave();
    await expect.poll(async () => (await read(url)).response.status).toBe(200);
  });

  it('is refused with parameters, answers HEAD, and does not hold up the stop', async () => {
    const gateway = await runGateway(`${BASE}server: { drain: 30s }\n`);
    expect((await fetch(`${gateway.url}/v1/live?x=1`)).status).toBe(400);
    expect((await fetch(`${gateway.url}/v1/live`, { method: 'HEAD' })).status).toBe(200);
    const reader = await read(gateway.url);
    await gateway.stop();
    await expect.poll(reader.isOver).toBe(true);
  });
});
