import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PROVIDER_KINDS } from '../../src/config/settings/provider.ts';
import { toFrame } from '../../src/protocol/sse.ts';
import { chatChunk, chatCompletion } from '../support/chat-answers.ts';
import { load, mistakes, temporaryFolder } from '../support/config-files.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { type ManagedAnswer, openManaged } from '../support/managed.ts';
import { sendRaw } from '../support/raw-http.ts';
import { rawAnswer, runRawUpstream } from '../support/raw-upstream.ts';
import { runUpstream, type UpstreamAnswer } from '../support/upstream.ts';

/** In every key there is: whatever the gateway shows, it must not be in it. */
const MARK = 'MARKEDKEY';
const PROVIDER_KEY = `sk-${MARK}-provider`;
const SECOND_KEY = `sk-${MARK}-second`;
const HEADER_KEY = `${MARK}-in-a-header`;
const CLIENT_KEY = `${MARK}-of-the-client`;
const AUTHORIZATION = { authorization: `Bearer ${CLIENT_KEY}` };

/** All that can be given an address: the demo is inside the gateway. */
const KINDS = PROVIDER_KINDS.filter((kind) => kind !== 'demo');

/** Words with which providers, and proxies before them, repeat what was sent to them. */
const WORDS = [
  `Incorrect API key provided: ${PROVIDER_KEY}. You can find your key in your account.`,
  `Request POST https://api.example.com/v1/chat?key=${PROVIDER_KEY}&alt=sse failed`,
  `Headers were {"authorization":"Bearer ${PROVIDER_KEY}","x-portkey-api-key":"${HEADER_KEY}"}`,
];
const STATUSES = [302, 400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 502, 503, 529];

/** Headers with which they do. */
const ECHO = {
  location: `https://elsewhere.example/?key=${PROVIDER_KEY}`,
  'x-request-authorization': `Bearer ${PROVIDER_KEY}`,
  'openai-organization': `org of ${PROVIDER_KEY}`,
  'openai-project': `proj_${MARK}123`,
  'openai-version': `of org-${MARK}123 with ${Buffer.from(`user:${PROVIDER_KEY}`).toString('base64')}`,
  'x-ratelimit-key': HEADER_KEY,
  'set-cookie': `session=${PROVIDER_KEY}`,
};

function errorBody(message: string, status: number): string {
  return JSON.stringify({ error: { message, type: PROVIDER_KEY, param: PROVIDER_KEY, code: PROVIDER_KEY, status } });
}

/** What names the account of the operator at OpenAI. */
const ACCOUNT = `org-${MARK}123`;
const LIMIT = `Rate limit reached for gpt-6-luna in organization ${ACCOUNT} on tokens per min (TPM): Limit 10.`;
/** Spellings in which the mark itself does not stand, and what of them must not be seen. */
const BASE64 = Buffer.from(`user:${PROVIDER_KEY}`).toString('base64');
const ESCAPED = [...Buffer.from(PROVIDER_KEY)].map((byte) => `%${byte.toString(16)}`).join('');
const HIDDEN = [MARK, BASE64.slice(12, -4), ESCAPED.slice(3, -3)];
const SPELLED = `Headers were authorization: Basic ${BASE64}, path /v1?auth=${ESCAPED}.`;
const PACKED: readonly UpstreamAnswer[] = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['x-unknown', gzipSync],
].map(([encoding, pack]) => ({
  status: 400,
  headers: { ...ECHO, 'content-encoding': String(encoding) },
  body: (pack as typeof gzipSync)(errorBody(`${WORDS[0]} ${SPELLED}`, 400)),
}));

const SSE = { 'content-type': 'text/event-stream' };
const REFUSALS: readonly UpstreamAnswer[] = STATUSES.flatMap((status) =>
  [...WORDS, SPELLED, LIMIT].map((message) => ({ status, headers: ECHO, body: errorBody(message, status) })),
);
/** What goes wrong inside of an answer with status 200. */
const BROKEN: readonly UpstreamAnswer[] = [
  ...WORDS.map((message) => ({ headers: ECHO, body: errorBody(message, 500) })),
  { body: `<html>${PROVIDER_KEY}</html>` },
  // Cut in the middle of a key where a message is.
  { body: `${'x'.repeat(190)}${PROVIDER_KEY}` },
  { headers: SSE, body: `data: {"error":${JSON.stringify({ message: WORDS[0], code: PROVIDER_KEY })}}\n\n` },
  { headers: SSE, body: `${chatChunk('Hi')}${toFrame({ error: { message: WORDS[0], code: 500 } })}` },
  { headers: SSE, body: `data: not JSON ${PROVIDER_KEY}\n\n` },
  { headers: SSE, body: `${chatChunk('Hi')}data: not JSON ${PROVIDER_KEY}\n\n` },
  { headers: { ...SSE, 'content-encoding': `x-${PROVIDER_KEY}` }, body: 'x' },
  { headers: ECHO, destroyAfterBytes: 0 },
];

interface Scene {
  readonly gateway: TestGateway;
  /** Where the usage log is. */
  readonly folder: string;
  answer(next: UpstreamAnswer): void;
}

async function start(kind: string): Promise<Scene> {
  const upstream = await runUpstream();
  const folder = temporaryFolder();
  const gateway = await runGateway(
    `auth: { keys: [{ name: a, key: ${CLIENT_KEY}, admin: true }] }
providers:
  up:
    kind: ${kind}
    base_url: "${upstream.url}/v1"
    api_keys: [${PROVIDER_KEY}, ${SECOND_KEY}]
    headers: { x-portkey-api-key: ${HEADER_KEY}, X-Title: Example }
models: { m: { provider: up, fallbacks: [n] }, n: { provider: up, upstream: other } }
usage: { store: sqlite, path: "${join(folder, 'usage.db')}" }
passthrough: { default: up }
retry: { max_retries: 0 }
breaker: { failures: 100000 }
server: { drain: 0ms }
`,
  );
  return { gateway, folder, answer: upstream.answer };
}

/** Head and body, as the client sees them. */
async function shownIn(response: Response): Promise<string> {
  // A connection that breaks off is one of the answers.
  const body = await response.text().catch((error: unknown) => String(error));
  return `${response.status} ${JSON.stringify([...response.headers])} ${body}`;
}

/** Every page that tells what has happened. */
const PAGES = [
  '/metrics',
  '/metrics/performance',
  '/metrics/performance/series',
  '/health',
  '/ready',
  '/v1/me',
  '/v1/providers',
  '/v1/config',
  '/v1/models',
  '/v1/models?all=true',
  '/v1/models/m',
  '/v1/requests',
  '/v1/usage',
  '/v1/usage?group_by=key,model,provider',
  '/v1/usage?group_by=hour,key,model&format=csv',
  '/v1/usage/records?limit=100',
  '/nowhere',
];

async function expectNoKeyAnywhere(
  { gateway, folder }: Scene,
  shown: readonly string[],
  ids: readonly string[] = [],
): Promise<void> {
  const paths = [...PAGES, ...ids.map((id) => `/v1/requests/${id}`)];
  const pages = paths.map(async (path) => shownIn(await fetch(gateway.url + path, { headers: AUTHORIZATION })));
  for (const text of [...shown, ...(await Promise.all(pages))]) expectNothingIn(text);
  // With it all that was logged and recorded is written.
  await gateway.stop();
  for (const line of gateway.log) expectNothingIn(line);
  for (const name of ['usage.db', 'usage.db-wal']) expectNothingIn(textOf(join(folder, name)));
}

function expectNothingIn(text: string): void {
  for (const hidden of HIDDEN) expect(text).not.toContain(hidden);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The write-ahead log is gone when the database is closed.
    return '';
  }
}

describe('no API key (secret) is in logs, errors, /metrics, pages and the usage log', () => {
  // Two hundred calls each: on a busy machine they take longer than one test usually may.
  it.each(KINDS)('after everything that can go wrong with %s', { timeout: 120_000 }, async (kind) => {
    const scene = await start(kind);
    const { gateway, answer } = scene;
    const shown: string[] = [];
    const ids: string[] = [];
    for (const next of [...REFUSALS, ...PACKED, ...BROKEN, chatCompletion('Hi')]) {
      answer(next);
      for (const stream of [true, false]) {
        const response = await gateway.chat({ stream }, { headers: AUTHORIZATION });
        ids.push(response.headers.get('x-request-id') ?? '');
        shown.push(await shownIn(response));
      }
    }
    expect(shown.filter((text) => !text.startsWith('200')).length).toBeGreaterThan(REFUSALS.length);
    await expectNoKeyAnywhere(scene, shown, ids);
  });

  it('after everything that can go wrong with a passthrough request', async () => {
    const scene = await start('openai-compatible');
    const { gateway, answer } = scene;
    const shown: string[] = [];
    const cut = { ...REFUSALS[3], destroyAfterBytes: 60 };
    for (const next of [...REFUSALS, ...PACKED, { destroyAfterBytes: 0 }, cut, { ...REFUSALS[3], pieceBytes: 7 }]) {
      answer(next);
      const options = {
        headers: { ...AUTHORIZATION, 'content-type': 'application/json' },
        redirect: 'manual',
      } as const;
      const body = JSON.stringify({ model: 'm', input: 'Hello' });
      const passed = [
        fetch(`${gateway.url}/v1/embeddings`, { method: 'POST', body, ...options }),
        fetch(`${gateway.url}/v1/files`, options),
      ];
      for (const response of await Promise.all(passed.map((one) => one.catch(String)))) {
        shown.push(typeof response === 'string' ? response : await shownIn(response));
      }
    }
    // The provider's words are there, but for the key; those of what was compressed as well.
    expect(shown.filter((text) => text.includes('You can find your key in your account.')).length).toBeGreaterThan(30);
    expect(shown.filter((text) => text.includes('Basic ') && text.includes('****')).length).toBeGreaterThan(30);
    expect(shown.join()).toContain('in organization org-************ on tokens per min');
    // What cannot be read is not shown, and its status is.
    expect(shown.filter((text) => text.startsWith('400') && text.includes('cannot be shown'))).toHaveLength(2);
    expect(shown.join()).not.toMatch(/openai-(organization|project)/);
    await expectNoKeyAnywhere(scene, shown);
  });

  it('also not in the reason phrase beside a status, and in a header that comes twice', async () => {
    const head = [
      'content-length: 2',
      `location: /${PROVIDER_KEY}`,
      `openai-version: ${PROVIDER_KEY}`,
      `openai-version: ${HEADER_KEY}`,
    ];
    const upstream = await runRawUpstream((socket) => void socket.end(rawAnswer(head, '{}', `200 ${PROVIDER_KEY}`)));
    const gateway = await runGateway(
      `providers: { up: { kind: openai-compatible, base_url: "${upstream.url}/v1", api_key: ${PROVIDER_KEY}, headers: { x-token: ${HEADER_KEY} } } }\n` +
        'passthrough: { default: up }\nserver: { drain: 0ms }\n',
    );
    const { head: shown, status } = await sendRaw(
      gateway.url,
      'GET /v1/files HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    );
    expect(status).toBe(200);
    expect(shown).toContain('HTTP/1.1 200 OK');
    expect(shown.toLowerCase()).toContain('openai-version');
    expect(shown).not.toContain(MARK);
  });

  it('after mistakes of clients with their own API key', async () => {
    const scene = await start('openai-compatible');
    const { gateway } = scene;
    const ask = (path: string, headers: Record<string, string>): Promise<Response> =>
      fetch(gateway.url + path, { method: 'POST', body: '{', headers });
    const responses = await Promise.all([
      ask('/v1/chat/completions', AUTHORIZATION),
      ask('/v1/chat/completions', { authorization: `Bearer ${MARK}-wrong` }),
      ask('/v1/chat/completions', { authorization: `Basic ${MARK}` }),
      ask('/v1/chat/completions', { 'x-api-key': CLIENT_KEY }),
      ask(`/v1/chat/completions?api_key=${CLIENT_KEY}`, {}),
      ask(`/v1/unknown?api_key=${CLIENT_KEY}`, AUTHORIZATION),
      ask('/metrics', { authorization: `Bearer ${MARK}-wrong` }),
    ]);
    await expectNoKeyAnywhere(scene, await Promise.all(responses.map(shownIn)));
  });

  it('with a Postgres that is away, whose password stands in database.url', async () => {
    const url = (rest: string): string => `database: { url: "postgres://ann:${MARK}@127.0.0.1:1/sluice${rest}" }\n`;
    const settings = 'server: { drain: 0ms }\nproviders: { demo: { kind: demo } }\nusage: { keep: 1d }\n';
    const gateway = await runGateway(settings + url(''));
    await (await gateway.chat({ model: 'demo' })).text();
    const pages = await Promise.all(PAGES.map(async (path) => shownIn(await fetch(gateway.url + path))));
    for (const text of pages) expectNothingIn(text);
    expect(await gateway.reload(() => load(settings + url(`?password=${MARK}`)))).toContain('database.url');
    await gateway.stop();
    expect(gateway.log.join()).toContain('postgres://ann:***@127.0.0.1:1/sluice');
    for (const line of gateway.log) expectNothingIn(line);
  });

  it('when the configuration has errors beside them', () => {
    const texts = [
      `auth: { keys: [{ name: a, key: ${MARK} with a space }] }`,
      `auth: { keys: [{ name: a, key: ${MARK}, kye: ${MARK} }] }`,
      `auth: { keys: [{ name: a, key: ${MARK}, sha256: ${MARK} }] }`,
      `auth: { keys: [{ name: a, key: [${MARK}] }] }`,
      `database: { url: "mysql://ann:${MARK}@db/sluice" }`,
      `database: { url: "postgres://ann:${MARK}@:-1/sluice" }`,
      `database: "postgres://ann:${MARK}@db/sluice"`,
      `database: { ulr: "postgres://ann:${MARK}@db/sluice" }`,
      `database: { "postgres://ann:${MARK}@db/sluice": 1 }`,
      `database: [postgres://ann:${MARK}@db/sluice]`,
      `providers: { up: { kind: openai, api_key: { of: ${MARK} } } }`,
      `providers: { up: { kind: openai, api_keys: ${MARK} } }`,
      `providers: { up: { kind: openai, apikey: ${MARK} } }`,
      `providers: { up: { kind: openai, api_key: ${MARK}, headers: { authorization: [${MARK}] } } }`,
    ];
    for (const text of texts) {
      const found = mistakes(text);
      expect(found.length, text).toBeGreaterThan(0);
      expect(found.join('\n'), text).not.toContain(MARK);
    }
  });
});

describe('no secret of a key that was made at run time', () => {
  it('is in logs, errors, pages, the audit and the database, but in the answer that tells it', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'sluice.db');
    const { gateway, bossKey, boss, as } = await openManaged(path);
    const shown: string[] = [];
    const ask = async (key: string, method: string, route: string, body?: object): Promise<ManagedAnswer> => {
      const answer = await as(key)(method, route, body);
      shown.push(JSON.stringify([...answer.headers]), JSON.stringify({ ...answer.body, key: null }));
      return answer;
    };
    const made = await ask(bossKey, 'POST', '/v1/keys', { name: 'a' });
    const first = String(made.body['key']);
    const rotated = await ask(bossKey, 'POST', `/v1/keys/${made.data['hash']}/rotate`, { grace: '0' });
    const second = String(rotated.body['key']);
    const secrets = [bossKey, first, second];
    expect(new Set(secrets).size).toBe(3);
    const hello = { model: 'demo', messages: [{ role: 'user', content: 'Hi' }] };
    for (const key of secrets) {
      for (const [method, route, body] of [
        ['POST', '/v1/chat/completions', hello],
        ['POST', '/v1/chat/completions', { model: 'nothing', messages: [] }],
        ['GET', '/v1/key'],
        ['GET', `/v1/keys/${key}`],
        ['GET', '/v1/keys?include_disabled=true'],
        ['PATCH', `/v1/keys/${made.data['hash']}`, { name: 'b', metadata: { a: 1 } }],
        ['GET', '/v1/audit'],
        ['GET', '/v1/usage/records'],
        ['GET', '/v1/requests?state=ended'],
        ['GET', '/metrics'],
      ] as const)
        await ask(key, method, route, body);
    }
    await boss('DELETE', `/v1/keys/${made.data['hash']}`);
    const metrics = await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${bossKey}` } });
    expect(metrics.status).toBe(200);
    shown.push(await metrics.text());
    await gateway.stop();
    const kept = ['sluice.db', 'sluice.db-wal'].map((name) => textOf(join(folder, name)));
    // Not even what one could go on from: of the end, four characters are in the label.
    const parts = secrets.map((secret) => secret.slice(10, -5));
    const told = shown.map((text) => text.replaceAll(`/v1/keys/`, ''));
    for (const text of [...told, ...kept, ...gateway.log]) for (const part of parts) expect(text).not.toContain(part);
  });
});
