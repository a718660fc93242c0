import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Router } from 'express';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { API_OPERATIONS } from '../../src/http/openapi/operations.ts';
import type { Services } from '../../src/http/services.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { runGateway } from '../support/gateway.ts';
import { openManaged } from '../support/managed.ts';

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
interface Described {
  readonly summary: string;
  readonly security?: readonly object[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}
interface Description {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

const described = async (): Promise<Description> => {
  const { url } = await runGateway('providers: { demo: { kind: demo } }\nauth: { keys: [{ name: a, key: key-a }] }\n');
  const response = await fetch(`${url}/openapi.json`, { headers: { origin: 'https://evil.example' } });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  return (await response.json()) as Description;
};

/** Checks against the schemas of the description, each found at its place in it. */
function checkerOf(description: Description) {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  addFormats.default(ajv);
  ajv.addSchema(description, 'api');
  const escaped = (text: string): string => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
  return (at: readonly string[], value: unknown): string | null => {
    const check = ajv.compile({ $ref: `api#/${at.map(escaped).join('/')}` });
    return check(value)
      ? null
      : `${at.join(' ')}: ${ajv.errorsText(check.errors)} in ${JSON.stringify(value).slice(0, 600)}`;
  };
}

describe('GET /openapi.json', () => {
  it('is OpenAPI 3.1, open to everybody, with every path and method of the app, and no other', async () => {
    const api = await described();
    expect(api).toMatchObject({ openapi: '3.1.0', info: { version: '0.0.0-test' } });
    const app = createApp({} as Services);
    const routes = (app.router as unknown as Router).stack.flatMap(({ route }) => route ?? []);
    const served = routes.flatMap(({ path, stack }) => {
      const methods = new Set(stack.map(({ method }) => method.toLowerCase()));
      const named = String(path)
        .replace(/\*(\w+)/, ':$1')
        .replace(/:(\w+)/g, '{$1}');
      return methods.size === 1 ? [`${[...methods][0]} ${named}`] : [];
    });
    const told = Object.entries(api.paths).flatMap(([path, of]) =>
      Object.keys(of).map((method) => `${method} ${path}`),
    );
    expect(told.sort()).toEqual([...new Set(served)].sort());
  });

  it('has schemas that can be compiled, and bodies as they are checked', async () => {
    const api = await described();
    const check = checkerOf(api);
    for (const [path, of] of Object.entries(api.paths))
      for (const [method, { responses, requestBody }] of Object.entries(of)) {
        for (const status of Object.keys(responses).filter((one) => one !== 'default'))
          for (const media of Object.keys(responses[status]?.content ?? {}))
            check(['paths', path, method, 'responses', status, 'content', media, 'schema'], {});
        if (requestBody) check(['paths', path, method, 'requestBody', 'content', 'application/json', 'schema'], {});
      }
    const body = (path: string, value: object) =>
      check(['paths', path, 'post', 'requestBody', 'content', 'application/json', 'schema'], value);
    const messages = [{ role: 'user', content: 'Hi' }];
    expect(body('/v1/chat/completions', { model: 'm', messages, anything: 1 })).toBeNull();
    expect(body('/v1/chat/completions', { model: 'm', messages, temperature: 'hot' })).not.toBeNull();
    expect(body('/v1/router/choose', { message: 'Hi' })).toBeNull();
    expect(body('/v1/responses', { model: 'm', input: 'Hi' })).toBeNull();
    expect(body('/v1/keys', { name: 'a', limit: 5, routes: ['chat'] })).toBeNull();
    expect(body('/v1/keys', { name: 'a', limits: 5 })).not.toBeNull();
  });

  it('describes the answers that the gateway really gives', async () => {
    const api = await described();
    const check = checkerOf(api);
    const scene = await openManaged(
      join(temporaryFolder(), 'sluice.db'),
      'auth: { keys: [{ name: root, key: key-root, admin: true }] }\norgs: { static: { name: Static } }\n' +
        'models: { broken: { provider: demo, upstream: "demo:500", fallbacks: [] }, demo: { provider: demo } }\nretry: { max_retries: 0 }\n',
    );
    const tried = new Set<string>();
    const ask = async (route: string, given: { path?: string; body?: unknown; bearer?: string | null } = {}) => {
      const { path = route.split(' ')[1] ?? '', body, bearer = 'key-root' } = given;
      const [method = '', template = ''] = route.split(' ');
      const response = await fetch(scene.url + path, {
        method,
        headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      tried.add(route);
      const named = template.replace(/:(\w+)/g, '{$1}');
      const operation = api.paths[named]?.[method.toLowerCase()];
      const media = response.headers.get('content-type')?.split(';')[0] ?? '';
      const isGood = String(response.status) in (operation?.responses ?? {});
      const text = await response.text();
      if (media !== 'application/json') {
        expect([route, response.status, Object.keys(operation?.responses['200']?.content ?? {})]).toEqual([
          route,
          200,
          [media],
        ]);
        return {};
      }
      const answer = JSON.parse(text);
      const at = isGood
        ? ['paths', named, method.toLowerCase(), 'responses', String(response.status), 'content', media, 'schema']
        : ['components', 'responses', 'Error', 'content', media, 'schema'];
      expect(check(at, answer), route).toBeNull();
      return isGood ? answer : { refused: response.status };
    };
    const good = async (...of: Parameters<typeof ask>) => {
      const answer = await ask(...of);
      expect(answer, of[0]).not.toHaveProperty('refused');
      return answer;
    };
    const messages = [{ role: 'user', content: 'Hi' }];
    await good('POST /v1/chat/completions', { body: { model: 'demo', messages } });
    expect(await ask('POST /v1/chat/completions', { body: { model: 'broken', messages } })).toEqual({ refused: 502 });
    await good('GET /v1/models');
    await good('GET /v1/models', { path: '/v1/models?all=true' });
    for (const route of ['GET /v1/me', 'GET /v1/providers', 'GET /v1/config', 'GET /metrics/performance/series'])
      await good(route);
    await good('POST /v1/config/check', { body: { files: { 'gateway.yaml': 'server: {}' } } });
    await good('GET /v1/models/:id', { path: '/v1/models/demo' });
    await good('POST /v1/router/choose', { body: { message: 'Hi', model: 'demo' } });
    await fetch(`${scene.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer key-root', 'x-request-id': 'stalled' },
      body: JSON.stringify({ model: 'demo/demo:stall', messages, stream: true }),
    });
    const inFlight = await good('GET /v1/requests');
    expect(inFlight.data).toHaveLength(1);
    await good('GET /v1/requests/:id', { path: '/v1/requests/stalled' });
    await good('DELETE /v1/requests/:id', { path: '/v1/requests/stalled' });
    expect((await good('GET /v1/requests', { path: '/v1/requests?state=ended&all=true' })).data.length).toBeGreaterThan(
      1,
    );
    await good('GET /v1/usage', { path: '/v1/usage?group_by=model,day' });
    await good('GET /v1/usage/records');
    const kept = await good('POST /v1/responses', { body: { model: 'demo', input: 'Hi' } });
    await good('POST /v1/responses/compact', { body: { model: 'demo', input: 'Hi' } });
    await good('POST /v1/responses/input_tokens', { body: { model: 'demo', input: 'Hi' } });
    await good('GET /v1/responses/:id', { path: `/v1/responses/${kept.id}` });
    await good('GET /v1/responses/:id/input_items', { path: `/v1/responses/${kept.id}/input_items` });
    const background = await good('POST /v1/responses', {
      body: { model: 'demo/demo:stall', input: 'Hi', background: true },
    });
    await good('POST /v1/responses/:id/cancel', { path: `/v1/responses/${background.id}/cancel` });
    await good('DELETE /v1/responses/:id', { path: `/v1/responses/${kept.id}` });
    const items = [{ type: 'message', role: 'user', content: 'Hi' }];
    const { id } = await good('POST /v1/conversations', { body: { items, metadata: { title: 'A' } } });
    const at = `/v1/conversations/${id}`;
    await good('GET /v1/conversations');
    await good('GET /v1/conversations/:id', { path: at });
    await good('POST /v1/conversations/:id', { path: at, body: { metadata: { title: 'B' } } });
    const added = await good('POST /v1/conversations/:id/items', { path: `${at}/items`, body: { items } });
    const item = added.data[0].id;
    await good('GET /v1/conversations/:id/items', { path: `${at}/items` });
    await good('POST /v1/responses', { body: { model: 'demo', input: 'Hi', conversation: id } });
    const said = await good('GET /v1/conversations/:id/items', { path: `${at}/items?responses=true` });
    expect(Object.keys(said.responses)).toHaveLength(2);
    await good('GET /v1/conversations/:id/items/:item', { path: `${at}/items/${item}` });
    await good('POST /v1/conversations/:id/fork', { path: `${at}/fork`, body: { after_item: item } });
    await good('GET /v1/conversations/:id/export', { path: `${at}/export?format=md` });
    await good('DELETE /v1/conversations/:id/items/:item', { path: `${at}/items/${item}` });
    await good('DELETE /v1/conversations/:id', { path: at });
    await good('GET /v1/key');
    await good('GET /v1/key', { bearer: scene.bossKey });
    const org = await good('POST /v1/orgs', { body: { id: 'acme', budgets: { day: 5 } } });
    expect(org.data.id).toBe('acme');
    const made = await good('POST /v1/keys', { body: { name: 'made', org_id: 'acme', limit: 3, rpm_limit: 9 } });
    await good('GET /v1/key', { bearer: made.key });
    const key = `/v1/keys/${made.data.hash}`;
    await good('GET /v1/keys');
    expect((await good('GET /v1/keys', { path: '/v1/keys?static=true' })).data).toHaveLength(1);
    await good('GET /v1/keys/:hash', { path: key });
    await good('PATCH /v1/keys/:hash', { path: key, body: { models: ['demo'] } });
    await good('POST /v1/keys/:hash/rotate', { path: `${key}/rotate`, body: { grace: '1h' } });
    await good('POST /v1/keys/:hash/reset', { path: `${key}/reset`, body: { window: 'day' } });
    await good('DELETE /v1/keys/:hash', { path: key });
    await good('GET /v1/orgs');
    await good('GET /v1/orgs/:id', { path: '/v1/orgs/acme' });
    await good('PATCH /v1/orgs/:id', { path: '/v1/orgs/acme', body: { name: 'Acme' } });
    await good('DELETE /v1/orgs/:id', { path: '/v1/orgs/acme' });
    await good('GET /v1/audit', { path: '/v1/audit?limit=2' });
    await good('GET /health');
    await good('GET /health', { bearer: null });
    for (const route of ['GET /ready', 'GET /metrics', 'GET /metrics/performance', 'GET /openapi.json'])
      await good(route);
    await good('POST /console/session');
    await good('DELETE /console/session');
    expect(await ask('GET /v1/models', { bearer: null })).toEqual({ refused: 401 });
    // Streams, and the files of the console, are read by tests of their own.
    const apart = ['GET /', 'GET /console', 'GET /console/:file', 'GET /v1/live', 'GET /v1/requests/:id/stream'];
    expect(
      API_OPERATIONS.map(({ route }) => route)
        .filter((route) => !tried.has(route))
        .sort(),
    ).toEqual(apart);
  });

  it('names the parameters that each query may have, where a wrong one is refused with the right ones', async () => {
    const { url } = await runGateway(
      `providers: { demo: { kind: demo } }\ndatabase: { url: ${join(temporaryFolder(), 'sluice.db')} }\nusage: { store: sqlite }\n`,
    );
    const compared: string[] = [];
    for (const { route, query = {} } of API_OPERATIONS.filter(({ route }) => route.startsWith('GET /v1/'))) {
      if (route === 'GET /v1/live' || /:/.test(route)) continue;
      const ended = route === 'GET /v1/requests' ? 'state=ended&' : '';
      const response = await fetch(`${url}${route.slice(4)}?${ended}bogus=1`);
      const known = /\(known: (.*)\)/.exec(await response.text())?.[1]?.split(', ');
      if (known === undefined) continue;
      compared.push(route);
      expect([route, ...Object.keys(query).sort()]).toEqual([route, ...known.sort()]);
    }
    expect(compared).toEqual(
      expect.arrayContaining(['GET /v1/requests', 'GET /v1/usage', 'GET /v1/keys', 'GET /v1/audit']),
    );
  });
});
