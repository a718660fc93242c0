import { expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { STOPPED, say } from './support/chat.ts';
import { axeFindings, openPage } from './support/page.ts';
import { useScene } from './support/scene.ts';

const scene = useScene(
  `providers:\n  demo: { kind: demo }\ndatabase: { url: "sqlite:${makeTemporaryFolder('sluice-phone')}/s.db" }\n`,
);
const PHONE = { viewport: { width: 320, height: 640 } };
const STARTERS = ['Say hello', 'Watch a provider fail and be rescued', 'Compare demo and demo:slow'];
/** A text that fills several windows. */
const LONG = 'A line of it.\n\n'.repeat(80);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

/** Whether the middle of an element is what is seen there. */
const isOnTop = (node: Element): boolean => {
  const { left, top, width, height } = node.getBoundingClientRect();
  return node.contains(document.elementFromPoint(left + width / 2, top + height / 2));
};
const hasFocus = (node: Element) => node === document.activeElement;
const list = (page: ConsolePage) => page.getByRole('dialog', { name: 'Conversations' });
const opener = (page: ConsolePage) => page.getByRole('button', { name: 'Conversations' });

it('shows the starters at first sight', async () => {
  const { browser, gateway } = scene();
  const page = await openPage(browser, gateway.url, '/', PHONE);
  for (const name of STARTERS) {
    const starter = page.locator('.starters .button', { hasText: name });
    await starter.waitFor();
    expect([name, await starter.evaluate(isOnTop)]).toEqual([name, true]);
  }
  expect(await page.getByRole('button', { name: 'Send' }).evaluate(isOnTop)).toBe(true);
});

it('has the list of conversations in a drawer, and nothing below the box', async () => {
  const { browser, gateway } = scene();
  const page = await openPage(browser, gateway.url, '/', PHONE);
  await say(page, 'The first of them');
  await page.getByText(/→\d+ tokens/).waitFor();
  expect(await page.getByRole('link', { name: 'New chat' }).count()).toBe(0);
  await opener(page).click();
  await list(page).getByRole('link', { name: 'New chat' }).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => list(page).count()).toBe(0);
  await expect.poll(() => opener(page).evaluate(hasFocus)).toBe(true);
  await opener(page).click();
  await list(page).getByRole('link', { name: 'New chat' }).click();
  await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
  await expect.poll(() => list(page).count()).toBe(0);
  await opener(page).click();
  await list(page).getByRole('link', { name: 'The first of them' }).click();
  await page.getByRole('heading', { name: 'The first of them' }).waitFor();
  await expect.poll(() => list(page).count()).toBe(0);
  await expect.poll(() => page.getByLabel('Message').evaluate(hasFocus)).toBe(true);
});

it('keeps what the gateway lacks in sight, in the middle of a long conversation too', async () => {
  const { browser, gateway } = scene();
  for (const view of [PHONE, {}]) {
    const page = await openPage(browser, gateway.url, '/', view, /ERR_|network/i);
    await say(page, LONG);
    await page.getByText(/→\d+ tokens/).waitFor();
    await say(page, 'Never end', 'demo:stall');
    await page.getByRole('article', { name: 'Answer' }).last().getByText(/\w{3}/).first().waitFor();
    await page.context().setOffline(true);
    const banner = page.getByRole('alert').filter({ hasText: 'The gateway cannot be reached' });
    await banner.waitFor();
    for (const to of ['0', '800', '1e6']) {
      await page.evaluate(`scrollTo(0, ${to})`);
      await expect.poll(() => banner.evaluate(isOnTop)).toBe(true);
      expect(await page.getByLabel('Message').evaluate(isOnTop)).toBe(true);
    }
    await page.context().setOffline(false);
    await banner.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(STOPPED).waitFor();
  }
});

it('is without findings of axe with the drawer open', async () => {
  const { browser, gateway } = scene();
  const findings = await axeFindings(browser, `${gateway.url}/console/`, PHONE, async (page) => {
    await opener(page).click();
    await list(page).getByRole('link', { name: 'New chat' }).waitFor();
  });
  expect(findings).toEqual([]);
});
