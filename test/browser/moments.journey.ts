import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { STOPPED, say } from './support/chat.ts';
import { openPage, openTab } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-moments-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(`providers:\n  demo: { kind: demo }\ndatabase: { url: "sqlite:${folder}/s.db" }\n`);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

/** Long enough for a busy machine. */
const PATIENT = { timeout: 15_000 };
const REFUSED = /ERR_|status of 4/;
const box = (page: ConsolePage) => page.getByLabel('Message');
const answers = (page: ConsolePage) => page.getByRole('article', { name: 'Answer' });
const questions = (page: ConsolePage) => page.getByRole('article', { name: 'You' });
const hasFocus = (node: Element) => node === document.activeElement;
const answered = (page: ConsolePage, count: number) =>
  expect.poll(() => page.getByRole('button', { name: 'Branch', exact: true }).count(), PATIENT).toBe(count);

/** A conversation with one answer. */
async function openThread(text: string): Promise<ConsolePage> {
  const { browser, gateway } = scene();
  const page = await openPage(browser, gateway.url, '/', {}, REFUSED);
  await say(page, text);
  await answered(page, 1);
  return page;
}

/** The gateway has the question: before that, Stop would take it back. */
async function reached(page: ConsolePage): Promise<void> {
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  const inFlight = async () => (await (await fetch(`${scene().gateway.url}/v1/requests`)).json()).data.length;
  await expect.poll(inFlight, PATIENT).toBe(1);
}

/** The next question leaves the page and reaches no gateway; the promise is kept once it has left. */
async function holdQuestion(page: ConsolePage): Promise<{ readonly isHeld: Promise<void> }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isNext = true;
  // Not taken away again, which loses a request that is just passing by: the page would wait for it.
  await page.route('**/v1/responses', (route) => {
    if (!isNext) return route.continue();
    isNext = false;
    resolve();
  });
  return { isHeld: promise };
}

describe('a reload right after a question was sent', () => {
  it('brings back what the gateway had not got', async () => {
    const page = await openThread('The first one');
    const { isHeld } = await holdQuestion(page);
    await box(page).fill('The lost one');
    await box(page).press('Enter');
    await isHeld;
    await page.reload();
    await expect.poll(() => box(page).inputValue(), PATIENT).toBe('The lost one');
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await answers(page).getByText('You said: "The lost one"').waitFor();
    await answered(page, 2);
    await page.reload();
    await answered(page, 2);
    expect(await box(page).inputValue()).toBe('');
  });

  it('does so for the first question of a conversation', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, REFUSED);
    const { isHeld } = await holdQuestion(page);
    await say(page, 'The very first');
    await isHeld;
    await page.reload();
    await expect.poll(() => box(page).inputValue(), PATIENT).toBe('The very first');
  });

  it('shows once what the gateway has got', async () => {
    const page = await openThread('The first one');
    await box(page).fill('The quick one');
    const sent = page.waitForRequest((request) => request.url().endsWith('/v1/responses'));
    await box(page).press('Enter');
    await sent;
    await page.waitForTimeout(50);
    await page.reload();
    await answers(page).getByText('You said: "The quick one"').waitFor();
    await expect.poll(() => questions(page).count(), PATIENT).toBe(2);
    expect(await box(page).inputValue()).toBe('');
  });
});

describe('Stop', () => {
  it('takes a question back that the gateway had not got', async () => {
    const page = await openThread('The first one');
    const { isHeld } = await holdQuestion(page);
    await box(page).fill('The second one');
    await box(page).press('Enter');
    await isHeld;
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => box(page).inputValue(), PATIENT).toBe('The second one');
    await page.getByText('Not sent: it was stopped').waitFor();
    expect(await answers(page).count()).toBe(1);
  });

  it('that is pressed twice stops once, and leaves the focus in the box', async () => {
    const page = await openThread('The first one');
    await say(page, 'Wait', 'demo:silent');
    await reached(page);
    const pressed = Promise.withResolvers<void>();
    await page.route('**/v1/requests/*', async (route) => {
      await pressed.promise;
      await route.continue();
    });
    await box(page).press('Escape');
    await box(page).press('Escape');
    pressed.resolve();
    await page.getByText(STOPPED).waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.waitForTimeout(1500);
    expect(await answers(page).count()).toBe(2);
    expect(await page.getByRole('alert').filter({ hasText: 'may still run' }).count()).toBe(0);
  });

  it('is a button of its own: a click that began on it sends nothing', async () => {
    const page = await openThread('The first one');
    await say(page, 'Wait', 'demo:slow');
    await answers(page).nth(1).getByText(/\w{3}/).first().waitFor();
    await box(page).fill('The next one');
    const stop = page.getByRole('button', { name: 'Stop' });
    const place = await stop.boundingBox();
    await page.mouse.move((place?.x ?? 0) + 5, (place?.y ?? 0) + 5);
    await page.mouse.down();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.mouse.up();
    await page.waitForTimeout(500);
    expect(await box(page).inputValue()).toBe('The next one');
    await stop.waitFor({ state: 'detached' });
  });

  it('gives the focus to the box', async () => {
    const page = await openThread('The first one');
    await say(page, 'Wait', 'demo:silent');
    await reached(page);
    await page.getByRole('button', { name: 'Stop' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(STOPPED).waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await expect.poll(() => box(page).evaluate(hasFocus), PATIENT).toBe(true);
    await page.getByRole('status').filter({ hasText: 'Answer stopped' }).waitFor({ state: 'attached' });
  });
});

describe('a click twice', () => {
  it('asks again once', async () => {
    const page = await openThread('Once');
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/conversations') && request.method() === 'POST') asked++;
    });
    await page.getByRole('button', { name: 'Again', exact: true }).dblclick();
    await page.getByText('2/2').waitFor();
    await answered(page, 1);
    expect(asked).toBe(1);
  });

  it('begins one conversation', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, REFUSED);
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/conversations') && request.method() === 'POST') asked++;
    });
    await page.getByRole('button', { name: 'Say hello' }).dblclick();
    await answered(page, 1);
    expect(asked).toBe(1);
  });

  it('compares once', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/compare?a=demo&b=demo:slow&prompt=Twice', {}, REFUSED);
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/chat/completions')) asked++;
    });
    await page.getByRole('button', { name: 'Send to both' }).waitFor();
    await page.evaluate(() => {
      const form = document.querySelector('form');
      form?.requestSubmit();
      form?.requestSubmit();
    });
    await page.getByRole('region', { name: 'demo', exact: true }).getByText('You said').waitFor();
    expect(asked).toBe(2);
  });
});

describe('two tabs with one conversation', () => {
  it('both show what is said in either', async () => {
    const first = await openThread('From the first tab');
    const { gateway } = scene();
    const second = await openTab(first, gateway.url, new URL(first.url()).pathname.slice('/console'.length), REFUSED);
    await answered(second, 1);
    await box(first).fill('Again from the first');
    await box(first).press('Enter');
    await answers(second).getByText('You said: "Again from the first"').waitFor();
    await answered(second, 2);
    await box(second).fill('Now from the second');
    await box(second).press('Enter');
    await answers(first).getByText('You said: "Now from the second"').waitFor();
    await expect.poll(() => questions(first).count()).toBe(3);
    await expect.poll(() => questions(second).count()).toBe(3);
  });
});

describe('Compare', () => {
  it('goes on in Chat with the model of the answer', async () => {
    const page = await openThread('Before');
    const { gateway } = scene();
    await page.getByRole('link', { name: 'Compare', exact: true }).click();
    await page.getByLabel('Question').fill('Which?');
    await page.getByRole('combobox', { name: 'First model' }).selectOption('demo:no-done');
    await page.getByRole('button', { name: 'Send to both' }).click();
    await page.getByRole('button', { name: 'Continue with this one: demo:no-done' }).click();
    await page.waitForURL(/\/c\/conv_/);
    await expect.poll(() => page.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('demo:no-done');
    expect(gateway.url).not.toBe('');
  });

  it('goes on in Chat with the figures of the answer, also in a branch of it', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/compare?a=demo&b=demo:slow&prompt=Dear', {}, REFUSED);
    await page.getByRole('button', { name: 'Send to both' }).click();
    await page.getByRole('button', { name: 'Continue with this one: demo', exact: true }).click();
    await page.waitForURL(/\/c\/conv_/);
    const figures = answers(page).last().getByRole('list', { name: 'What this answer took' });
    await figures.getByText(/→\d+ tokens/).waitFor();
    await page.getByRole('button', { name: 'Branch', exact: true }).click();
    await page.getByRole('heading', { name: 'Dear (branch)' }).waitFor();
    await figures.getByText(/→\d+ tokens/).click();
    await page.getByRole('heading', { name: 'Call', exact: true }).waitFor();
  });

  it('has the question after a reload, and the focus in its box after the answers', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/compare?a=demo&b=demo:slow', {}, REFUSED);
    await page.getByLabel('Question').fill('Keep me');
    await page.getByRole('button', { name: 'Send to both' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Stop both' }).waitFor();
    await expect.poll(() => page.getByLabel('Question').evaluate(hasFocus)).toBe(true);
    await page.reload();
    await expect.poll(() => page.getByLabel('Question').inputValue(), PATIENT).toBe('Keep me');
  });
});

describe('a conversation that cannot be read', () => {
  it('takes no question', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/c/conv_none', {}, REFUSED);
    await page.getByRole('alert').waitFor();
    await box(page).fill('Hello');
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
  });
});

describe('a model of the address that cannot be asked', () => {
  it('is told, with the one that is asked instead', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/?model=nope');
    await page.getByText('nope cannot be asked; demo is.').waitFor();
  });
});

describe('the keyboard', () => {
  it('stops from anywhere, and goes from message to message', async () => {
    const page = await openThread('The first one');
    await say(page, 'Wait', 'demo:silent');
    await reached(page);
    await page.getByRole('link', { name: 'New chat' }).focus();
    await page.keyboard.press('Escape');
    await page.getByText(STOPPED).waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await box(page).focus();
    await page.keyboard.press('Alt+ArrowUp');
    expect(await answers(page).nth(1).evaluate(hasFocus)).toBe(true);
    await page.keyboard.press('Alt+ArrowUp');
    expect(await questions(page).nth(1).evaluate(hasFocus)).toBe(true);
    for (const _step of [1, 2]) await page.keyboard.press('Alt+ArrowDown');
    expect(await box(page).evaluate(hasFocus)).toBe(true);
  });
});

describe('a file that is still being read', () => {
  it('is waited for', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, REFUSED);
    await expect.poll(() => page.getByRole('combobox', { name: 'Model' }).inputValue(), PATIENT).toBe('demo');
    const seen = Promise.withResolvers<void>();
    await page.route('**/assets/files-*', async (route) => {
      await seen.promise;
      await route.continue();
    });
    await box(page).fill('What is in it?');
    const pdf = { name: 'paper.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') };
    await page.locator('input[type=file]').setInputFiles([pdf]);
    await box(page).press('Enter');
    await page.getByText('Reading files …').waitFor();
    seen.resolve();
    await page.getByText('paper.pdf').waitFor();
    expect(await box(page).inputValue()).toBe('What is in it?');
  });
});
