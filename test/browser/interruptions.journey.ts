import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { load } from '../support/config-files.ts';
import { say } from './support/chat.ts';
import { axeFindings, openPage, openTab, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-interruptions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KEYS = `auth:
  keys:
    - { name: ops, key: key-o, admin: true }
    - { name: team, key: key-t }
    - { name: poor, key: key-p, budget: { day: 0.0000001 } }
    - { name: backend, key: key-b, orgs: [acme, globex] }
orgs: { acme: {}, globex: {} }
`;
const MODELS = 'models: { dear: { provider: demo, upstream: demo, prices: [{ input: 1000, output: 1000 }] } }\n';
const scene = useScene(
  `providers: { demo: { kind: demo } }\n${MODELS}${KEYS}database: { url: "sqlite:${folder}/keys.db" }\n`,
);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;
/** The gateway breaks the feed of a session that is over. */
const REFUSED = /status of 40[1-4]|ERR_INCOMPLETE_CHUNKED_ENCODING/;

async function signIn(page: ConsolePage, key: string): Promise<void> {
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
}

async function openSignedIn(key: string, path: string): Promise<ConsolePage> {
  const { browser, gateway } = scene();
  const page = await openPage(browser, gateway.url, path, {}, REFUSED);
  await signIn(page, key);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  return page;
}

/** Ends the session from elsewhere, as a rotated key does. */
async function endSession(page: ConsolePage): Promise<void> {
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'sluice_session');
  const headers = { cookie: `sluice_session=${cookie?.value}`, 'x-sluice-console': '1' };
  const ended = await fetch(`${scene().gateway.url}/console/session`, { method: 'DELETE', headers });
  expect(await ended.json()).toMatchObject({ deleted: true });
}

const isLive = (page: ConsolePage): Promise<void> => page.getByText('live', { exact: true }).waitFor();

describe('a session', () => {
  it('begins with the right key and ends where it is asked to', async () => {
    const page = await openSignedIn('key-t', '/calls');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('dialog').waitFor();
    await signIn(page, 'key-wrong');
    await page.getByText('Incorrect API key.').waitFor();
    await signIn(page, 'key-t');
    await page.getByText('team', { exact: true }).waitFor();
  });

  it('is one for all tabs: what one of them does holds for the others', async () => {
    const { gateway } = scene();
    const first = await openSignedIn('key-t', '/calls');
    const second = await openTab(first, gateway.url, '/calls', REFUSED);
    await second.getByRole('heading', { name: 'Ended' }).waitFor();
    await first.getByRole('button', { name: 'Sign out' }).click();
    await second.getByRole('dialog').waitFor();
    expect(await second.getByRole('heading', { name: 'Ended' }).count()).toBe(0);
    await signIn(second, 'key-t');
    await first.getByText('team', { exact: true }).waitFor();
    expect(await first.getByRole('dialog').count()).toBe(0);
    await Promise.all([isLive(first), isLive(second)]);
  });

  it('of a key of several organisations is for the one that is named', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls', {}, REFUSED);
    await signIn(page, 'key-b');
    await page.getByText('one of acme, globex').waitFor();
    await page.keyboard.type('acme');
    await page.keyboard.press('Enter');
    await page.getByText('backend', { exact: true }).waitFor();
    await page.getByText('No call is running.').waitFor();
  });

  it('that ends is asked for over the page at once, and nothing is lost', async () => {
    const page = await openSignedIn('key-t', '/');
    await say(page, 'The first question');
    await page.getByText(/→\d+ tokens/).waitFor();
    await page.getByLabel('Message').fill('Half a thought');
    await endSession(page);
    // The live feed ends with the session: nothing has to be tried.
    await page.getByRole('dialog').waitFor();
    await signIn(page, 'key-t');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Message').inputValue()).toBe('Half a thought');
    expect(await page.getByRole('article').count()).toBe(2);
  });

  it('that ends under a question lets it wait until there is another', async () => {
    const page = await openSignedIn('key-t', '/');
    await say(page, 'The first question');
    await page.getByText(/→\d+ tokens/).waitFor();
    await page.getByLabel('Message').fill('The second question');
    await endSession(page);
    await page.getByLabel('Message').press('Enter');
    await page.getByRole('dialog').waitFor();
    await signIn(page, 'key-t');
    await page.getByRole('article', { name: 'Answer' }).getByText('The second question').waitFor();
  });
});

describe('an admin', () => {
  it('cancels the call of another key after one question', async () => {
    const { gateway } = scene();
    const page = await openSignedIn('key-o', '/calls');
    const headers = { authorization: 'Bearer key-t', 'x-request-id': 'of-the-team' };
    const call = gateway.chat({ model: 'demo:silent' }, { headers });
    await page.getByRole('button', { name: 'Cancel demo:silent, of-the-team' }).click();
    await page.getByRole('dialog').getByText('This call is of the key team').waitFor();
    await page.getByRole('button', { name: 'Cancel its call' }).click();
    expect((await call).status).toBe(499);
    await page.getByText('No call is running.').waitFor();
  });

  it('cancels that of a key which serves several organisations', async () => {
    const { gateway } = scene();
    const page = await openSignedIn('key-o', '/calls');
    const headers = { authorization: 'Bearer key-b', 'x-org-id': 'acme', 'x-request-id': 'of-acme' };
    const call = gateway.chat({ model: 'demo:silent' }, { headers });
    await page.getByRole('button', { name: 'Cancel demo:silent, of-acme' }).click();
    await page.getByRole('button', { name: 'Cancel its call' }).click();
    expect((await call).status).toBe(499);
  });

  it('is the only one who sees the calls of others', async () => {
    const { gateway } = scene();
    const headers = { authorization: 'Bearer key-o', 'x-request-id': 'of-the-admin' };
    const page = await openSignedIn('key-t', '/calls');
    await isLive(page);
    await (await gateway.chat({ model: 'demo' }, { headers })).text();
    await (await gateway.chat({ model: 'demo' }, { headers: { ...headers, authorization: 'Bearer key-t' } })).text();
    const rows = page.getByRole('table', { name: 'Ended calls' }).locator('a[href*="/of-the-admin?owner="]');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(1);
    expect(await page.getByRole('columnheader', { name: 'Key' }).count()).toBe(0);
  });
});

describe('a budget that is used up', () => {
  it('is told in the chat in the words of the gateway', async () => {
    const page = await openSignedIn('key-p', '/');
    await say(page, 'How much?', 'dear');
    const notice = page.getByRole('alert').filter({ hasText: /budget/i });
    await notice.waitFor();
    await page.getByRole('article', { name: 'You' }).getByText('How much?').waitFor();
  });
});

describe('without a network', () => {
  it('says since when, keeps what was there, and is live again by itself', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls', {}, /status of 401|ERR_|network/i);
    await signIn(page, 'key-o');
    await isLive(page);
    await page.context().setOffline(true);
    await page.getByRole('alert').filter({ hasText: 'The gateway cannot be reached; it last answered at' }).waitFor();
    await page.getByRole('heading', { name: 'Ended' }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await isLive(page);
  });
});

/** A gateway that can be started again at the address where it was. */
async function startAt(port: number): Promise<Gateway> {
  const text = `providers: { demo: { kind: demo } }\nserver: { drain: 20s }\ndatabase: { url: "sqlite:${folder}/again.db" }\n`;
  const config = load(text);
  const gateway = await startGateway(
    { ...config, server: { ...config.server, port }, usage: { ...config.usage, store: 'none' } },
    pino({ level: 'silent' }),
    '0.0.0-test',
  );
  return gateway;
}

describe('a gateway that restarts', () => {
  it('answers to the end what it began, and what is sent meanwhile when it is back', async () => {
    const { browser } = scene();
    const before = await startAt(0);
    const page = await openPage(browser, before.url, '/', {}, /status of 503|ERR_|network/i);
    await say(page, 'Slowly, please', 'demo:slow');
    await page.getByRole('article', { name: 'Answer' }).getByText(/\w{3}/).first().waitFor();
    const stopping = before.stop();
    await page.getByRole('alert').filter({ hasText: 'The gateway is restarting' }).waitFor();
    await page.getByText(/→\d+ tokens/).waitFor();
    await say(page, 'The next question');
    await stopping;
    await page.getByRole('article', { name: 'You' }).getByText('The next question').waitFor();
    const after = await startAt(Number(new URL(before.url).port));
    onTestFinished(() => after.stop());
    await page.getByRole('article', { name: 'Answer' }).getByText('The next question').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Calls', exact: true }).click();
    await isLive(page);
    await page.goto('about:blank');
  });
});

describe('a question that waits for a restart', () => {
  it('is taken back by Stop', async () => {
    const { browser } = scene();
    const before = await startAt(0);
    const page = await openPage(browser, before.url, '/', {}, /status of 50|ERR_|network/i);
    await say(page, 'Slowly, please', 'demo:slow');
    await page.getByRole('article', { name: 'Answer' }).getByText('You said').waitFor();
    const stopping = before.stop();
    await page.getByRole('alert').filter({ hasText: 'The gateway is restarting' }).waitFor();
    await page.getByText(/→\d+ tokens/).waitFor();
    await say(page, 'Never mind');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Not sent: it was stopped before the gateway had it.').waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe('Never mind');
    expect(await page.getByText('may still run').count()).toBe(0);
    await page.getByRole('link', { name: 'New chat' }).click();
    await page.getByLabel('Message').fill('A new one');
    await page.getByLabel('Message').press('Enter');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe('A new one');
    await stopping;
    const after = await startAt(Number(new URL(before.url).port));
    onTestFinished(() => after.stop());
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.goto('about:blank');
  });
});

describe('the banners and the form', () => {
  it.each(VIEWS)('are without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/health`, view, async (page) => {
      await signIn(page, 'key-b');
      await page.getByLabel('Organisation').waitFor();
    });
    expect(findings).toEqual([]);
  });

  it.each(VIEWS)('are without findings of axe over a page that may be out of date, %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/calls`, view, async (page) => {
      await signIn(page, 'key-o');
      await page.getByRole('table', { name: 'Ended calls' }).waitFor();
      await page.context().setOffline(true);
      await page.getByRole('alert').filter({ hasText: 'The gateway cannot be reached' }).waitFor();
    });
    expect(findings).toEqual([]);
  });
});
