import { describe, expect, it } from 'vitest';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const scene = useScene();

describe('Keys of a gateway that asks for none', () => {
  it('says what that means, and how to begin', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /404/);
    await page.getByRole('link', { name: 'Keys', exact: true }).click();
    await page.getByText('listens on this machine alone').waitFor();
    await page.getByText('npm start -- keys create --name boss --kind management').waitFor();
    expect(await page.getByRole('button', { name: 'New key' }).count()).toBe(0);
  });

  it.each(VIEWS)('is without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/keys`, view, async (page) => {
      await page.getByText('Make the first key').waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(findings).toEqual([]);
  });
});
