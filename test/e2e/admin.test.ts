import { beforeEach, describe, expect, it } from 'vitest';
import { chatCompletion } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { named, type RequestsAnswer, requestsOf } from '../support/requests.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const KEYS =
  'auth: { keys: [{ name: a, key: key-a }, { name: b, key: key-b }, { name: ops, key: key-o, admin: true }] }\n';
const NO_WAIT = 'server: { drain: 0ms }\n';

let upstream: TestUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await runUpstream(chatCompletion('Hi'));
  upstream.answer({ isSilent: true });
  gateway = await runGateway(configFor(upstream.url, KEYS + NO_WAIT));
});

/** Calls that wait for their provider, one after the other: `key-a one` for each. */
async function ask(...calls: readonly string[]): Promise<void> {
  for (const [at, call] of calls.entries()) {
    const [key, id = ''] = call.split(' ');
    gateway.chat({}, named(id, { authorization: `Bearer ${key}` })).catch(() => undefined);
    await upstream.request(at + 1);
  }
}

function idsOf({ body }: RequestsAnswer): string[] {
  return (body.data ?? []).map(({ key, id }) => `${key} ${id}`);
}

describe('GET /v1/requests with an admin key', () => {
  it('lists the calls of all keys (all=true), of one key (key=), and by default its own', async () => {
    await ask('key-a one', 'key-b one', 'key-o own');
    const { list } = requestsOf(gateway, 'key-o');
    expect(idsOf(await list('?all=true'))).toEqual(['a one', 'b one', 'ops own']);
    expect(idsOf(await list('?key=b'))).toEqual(['b one']);
    expect(idsOf(await list('?key=b&all=true'))).toEqual(['b one']);
    expect(idsOf(await list('?key=nobody'))).toEqual([]);
    expect(idsOf(await list())).toEqual(['ops own']);
    expect(idsOf(await list('?all=false'))).toEqual(['ops own']);
  });

  it('gets the calls of all keys in pages, each once, also where two keys use one request id', async () => {
    await ask('key-a one', 'key-b one', 'key-a two', 'key-b two', 'key-b three');
    const { list } = requestsOf(gateway, 'key-o');
    const pages: string[][] = [];
    let answer = await list('?all=true&limit=2');
    for (; answer.body.has_more; answer = await list(`?all=true&limit=2&after=${answer.body.next_cursor}`)) {
      pages.push(idsOf(answer));
    }
    expect([...pages, idsOf(answer)]).toEqual([['a one', 'b one'], ['a two', 'b two'], ['b three']]);
  });

  it('shows and cancels a call of another key by key= and id, and no other call with the same id', async () => {
    await ask('key-a one', 'key-b one');
    const { one, cancel } = requestsOf(gateway, 'key-o');
    expect(await one('one')).toMatchObject({ status: 404, code: 'request_not_found' });
    expect((await one('one', '?key=b')).body).toMatchObject({ key: 'b', state: 'waiting' });
    expect((await cancel('one', '?key=b')).body).toMatchObject({ key: 'b', cancelled: true, state: 'cancelled' });
    expect((await cancel('one', '?key=b')).status).toBe(200);
    expect((await requestsOf(gateway, 'key-b').one('one')).body.state).toBe('cancelled');
    expect((await requestsOf(gateway, 'key-a').one('one')).body.state).toBe('waiting');
  });

  it('gets a 400 for an invalid query parameter', async () => {
    const { list, one, cancel } = requestsOf(gateway, 'key-o');
    for (const [answer, param] of [
      [await list('?all=yes'), 'all'],
      [await list('?al=true'), 'al'],
      [await one('one', '?kye=b'), 'kye'],
      [await cancel('one', '?key=a&key=b'), 'key'],
    ] as const) {
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_value', param } } });
    }
  });
});

describe('GET /v1/requests with a key that is no admin', () => {
  it.each(['all=true', 'key=b', 'key=nobody'])('lists nothing with %s', async (query) => {
    const answer = await requestsOf(gateway, 'key-a').list(`?${query}`);
    const [param] = query.split('=');
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'route_not_allowed', param } } });
  });

  it('cannot tell a call of another key from an unknown id (404)', async () => {
    await ask('key-b theirs');
    const { one, cancel } = requestsOf(gateway, 'key-a');
    for (const answer of [await one('theirs', '?key=b'), await cancel('theirs', '?key=b')]) {
      const nobodys = await one('theirs', '?key=nobody');
      expect(answer).toMatchObject({ status: 404, code: 'request_not_found', body: nobodys.body });
    }
    expect((await requestsOf(gateway, 'key-b').one('theirs')).body.state).toBe('waiting');
  });

  it('may name its own key', async () => {
    await ask('key-a mine');
    const { list, one, cancel } = requestsOf(gateway, 'key-a');
    expect(idsOf(await list('?key=a'))).toEqual(['a mine']);
    expect((await one('mine', '?key=a')).status).toBe(200);
    expect((await cancel('mine', '?key=a')).status).toBe(200);
  });
});

it('without API keys configured, every client is an admin of /v1/requests', async () => {
  gateway = await runGateway(configFor(upstream.url, NO_WAIT));
  await ask('any one');
  const { list, cancel } = requestsOf(gateway);
  expect(idsOf(await list('?all=true'))).toEqual(['anonymous one']);
  expect((await cancel('one', '?key=anonymous')).status).toBe(200);
});
