import { describe, expect, it } from 'vitest';
import { ADMIN, signIn, useManagedKeys } from './support/managed-keys.ts';
import { axeFindings, fitsItsWidth, VIEWS } from './support/page.ts';

const keys = useManagedKeys('audit');

type ConsolePage = Awaited<ReturnType<typeof keys.open>>;

/** The entries that are shown, the newest first. */
function rowsOf(page: ConsolePage) {
  return page.getByRole('table', { name: 'Changes' }).locator('tbody tr');
}

describe('Changes of keys', () => {
  it('says that there are none, and what is put down there', async () => {
    const page = await keys.open();
    await page.getByRole('link', { name: 'Changes' }).click();
    await page.getByText('Nothing was changed yet.').waitFor();
    expect(page.url()).toBe(`${keys.scene().gateway.url}/console/keys/audit`);
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Changes of keys');
    await page.getByRole('link', { name: 'All keys' }).click();
    await page.getByRole('heading', { name: 'Made at run time' }).waitFor();
  });

  it('says who did what, the newest first, as it is done, and of one key alone', async () => {
    const boss = keys.as(ADMIN);
    const { hash } = await keys.make({ name: 'watched', rpm_limit: 60 });
    await boss('POST', '/v1/orgs', { id: 'umbrella' });
    const page = await keys.open('/keys/audit');
    await rowsOf(page).first().getByRole('link', { name: 'umbrella' }).waitFor();
    expect(await rowsOf(page).allTextContents()).toEqual([
      expect.stringMatching(/opsumbrellaorganisationmade/),
      expect.stringMatching(/opswatchedkey .{8}…made.*name watched.*rpm_limit 60/),
    ]);
    await boss('PATCH', `/v1/keys/${hash}`, { rpm_limit: 5, disabled: true });
    await rowsOf(page).first().getByText('rpm_limit 60 → 5').waitFor();
    await rowsOf(page).first().getByText('disabled no → yes').waitFor();
    await rowsOf(page).first().getByRole('link', { name: 'watched' }).click();
    await expect.poll(() => rowsOf(page).count()).toBe(2);
    expect(page.url()).toContain(`/console/keys/audit?subject=${hash}`);
    await page.getByLabel('Hash or organisation').fill('umbrella');
    await page.keyboard.press('Enter');
    await rowsOf(page).getByText('organisation', { exact: true }).waitFor();
    expect(await rowsOf(page).count()).toBe(1);
    await page.getByLabel('Hash or organisation').fill('nobody');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing is on record of this hash or id.').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('search');
    await page.goto(`${keys.scene().gateway.url}/console/keys/${hash}`);
    await page.getByRole('link', { name: 'Its changes' }).click();
    await expect.poll(() => rowsOf(page).count()).toBe(2);
  });

  it('loads older ones when they are asked for, and keeps them while new ones come', async () => {
    for (let at = 0; at < 55; at++) await keys.make({ name: `many ${at}` });
    const page = await keys.open('/keys/audit');
    await expect.poll(() => rowsOf(page).count()).toBe(50);
    await page.getByRole('button', { name: 'Older changes' }).click();
    await page.getByRole('button', { name: 'Older changes' }).waitFor({ state: 'detached' });
    expect(await rowsOf(page).count()).toBeGreaterThanOrEqual(58);
    const before = await rowsOf(page).count();
    await keys.make({ name: 'one more' });
    await rowsOf(page).first().getByText('one more').first().waitFor();
    expect(await rowsOf(page).count()).toBe(before + 1);
  });

  it('shows the manager of one organisation what was done in that one', async () => {
    const { secret } = await keys.make({ name: 'boss of acme', kind: 'management', org_id: 'acme' });
    await keys.make({ name: 'elsewhere' });
    const made = await keys.as(secret)('POST', '/v1/keys', { name: 'within' });
    expect(made.status).toBe(201);
    const page = await keys.open('/keys/audit', secret);
    await rowsOf(page).first().waitFor();
    const told = await rowsOf(page).allTextContents();
    expect(told.filter((text) => !text.includes('of acme'))).toEqual([]);
    expect(told.slice(0, 2)).toEqual([
      expect.stringMatching(/boss of acme.*within.*of acme/),
      expect.stringMatching(/ops.*boss of acme.*of acme/),
    ]);
  });

  it('is not there for a key that calls', async () => {
    const page = await keys.open('/keys/audit', 'key-of-a-caller');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });

  it('says what is missing where the gateway does not answer, and asks again', async () => {
    const page = await keys.open('/keys/audit');
    await rowsOf(page).first().waitFor();
    const error = {
      message: 'The database does not answer.',
      code: 'keys_unavailable',
      type: 'server_error',
      param: null,
    };
    const refuse = { status: 409, contentType: 'application/json', body: JSON.stringify({ error }) };
    let isAway = true;
    await page.route('**/v1/audit?*after=&*', (route) => (isAway ? route.fulfill(refuse) : route.fallback()));
    await page.reload();
    await page.getByRole('alert').getByText('The database does not answer.').waitFor();
    isAway = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => rowsOf(page).count()).toBe(50);
    await page.route('**/v1/audit?*', (route) => route.fulfill(refuse));
    await page.getByRole('button', { name: 'Older changes' }).click();
    await page.getByRole('alert').filter({ hasText: 'The database does not answer.' }).first().waitFor();
    expect(await rowsOf(page).count()).toBe(50);
  });

  it.each(VIEWS)('is without findings of axe %s, while it loads and when it is there', async (_name, view) => {
    const { browser, gateway } = keys.scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/keys/audit`, view, async (page) => {
      await signIn(page);
      await rowsOf(page).first().waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(findings).toEqual([]);
    const loading = await axeFindings(browser, `${gateway.url}/console/keys/audit`, view, async (page) => {
      await page.route('**/v1/audit?*', () => new Promise(() => undefined));
      await signIn(page);
      await page.locator('[aria-busy="true"]').waitFor();
      await page.getByText('Still loading.').waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(loading).toEqual([]);
  });
});
