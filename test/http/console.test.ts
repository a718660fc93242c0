import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { serveConsole } from '../../src/http/console.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { buildConsole } from '../support/console.ts';
import { runGateway } from '../support/gateway.ts';

const DEMO = 'providers:\n  demo: { kind: demo }\n';
const WITH_KEYS = `${DEMO}auth:\n  keys:\n    - { name: team-a, key: a-key-of-team-a-0123456789 }\n`;

beforeAll(buildConsole, 120_000);

describe('GET /', () => {
  it('leads browsers to the console', async () => {
    const { url } = await runGateway(DEMO);
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const answer = await fetch(url, { headers, redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/console/']);
  });

  it('tells programs what is here, also without a key', async () => {
    const { url } = await runGateway(WITH_KEYS);
    const answer = await fetch(url);
    expect(answer.headers.get('vary')?.toLowerCase()).toBe('accept');
    expect(await answer.json()).toMatchObject({
      object: 'index',
      name: 'sluice',
      links: { console: '/console/', openapi: '/openapi.json' },
    });
  });

  it('leads to no console that is switched off', async () => {
    const { url } = await runGateway(`${DEMO}console: { enabled: false }\n`);
    const answer = await fetch(url, { headers: { accept: 'text/html' }, redirect: 'manual' });
    expect(answer.status).toBe(200);
    const { links } = (await answer.json()) as { links: object };
    expect(Object.keys(links)).toEqual(['openapi', 'models', 'health', 'ready', 'metrics']);
  });

  it('takes no other method', async () => {
    const { url } = await runGateway(DEMO);
    for (const path of ['/', '/console/']) {
      const answer = await fetch(url + path, { method: 'POST' });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
    }
  });
});

describe('GET /console', () => {
  it('gives the page at every address of it, with headers that let nothing foreign in', async () => {
    const { url } = await runGateway(WITH_KEYS);
    for (const path of ['/console', '/console/', '/console/calls/abc', '/console/..%2f..%2fpackage.json']) {
      const answer = await fetch(url + path);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('<div id="app">');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
      expect(policy).not.toContain('unsafe');
      expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    }
  });

  it('lets what has a hash in its name be kept for good, and sends it as small as the browser takes it', async () => {
    const { url } = await runGateway(DEMO);
    const html = await (await fetch(`${url}/console/`)).text();
    const script = /<script type="module"[^>]* src="([^"]+)"/.exec(html)?.[1] ?? '';
    const plain = await fetch(url + script, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const text = await plain.text();
    for (const [accepted, expected] of [
      ['gzip, deflate, br', 'br'],
      ['gzip;q=1.0, br;q=0', 'gzip'],
    ]) {
      const answer = await fetch(url + script, { headers: { 'accept-encoding': accepted ?? '' } });
      expect(answer.headers.get('content-encoding')).toBe(expected);
      expect(answer.headers.get('vary')?.toLowerCase()).toBe('accept-encoding');
      expect(await answer.text()).toBe(text);
    }
  });

  it('has no page in place of a file that an earlier build had', async () => {
    const { url } = await runGateway(DEMO);
    const answer = await fetch(`${url}/console/assets/index-00000000.js`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 'unknown_url' } });
  });

  it('has nothing inline that its policy would refuse', async () => {
    buildConsole();
    const html = readFileSync('dist/console/index.html', 'utf8');
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=| on[a-z]+=/);
  });

  it('says how to build it where it is not built, and has it as soon as it is', async () => {
    const folder = join(temporaryFolder(), 'console');
    const app = express().get('/console/{*file}', serveConsole(folder));
    const server = app.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/console/`;
    const missing = await fetch(url);
    expect([missing.status, await missing.text()]).toEqual([503, expect.stringContaining('npm ci && npm start')]);
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.html'), '<p>built</p>');
    expect(await (await fetch(url)).text()).toBe('<p>built</p>');
  });
});
