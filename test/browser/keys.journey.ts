import { describe, expect, it } from 'vitest';
import { ADMIN, signIn, useManagedKeys } from './support/managed-keys.ts';
import { axeFindings, fitsItsWidth, VIEWS } from './support/page.ts';

const keys = useManagedKeys('keys');

describe('Keys', () => {
  it('finds keys by name, organisation and state, page by page', async () => {
    const boss = keys.as(ADMIN);
    await boss('POST', '/v1/orgs', { id: 'many' });
    for (let at = 0; at < 60; at++)
      await boss('POST', '/v1/keys', { name: `many ${at}`, org_id: 'many', disabled: at === 7 });
    const page = await keys.open('/keys?org=many');
    const rows = page.getByRole('table', { name: 'Keys', exact: true }).locator('tbody tr');
    await page.getByText('1 to 50 of 60').waitFor();
    expect(await rows.count()).toBe(50);
    await page.getByRole('link', { name: 'Older keys' }).click();
    await page.getByText('51 to 60 of 60').waitFor();
    await expect.poll(() => rows.count()).toBe(10);
    await page.getByLabel('Name or hash').fill('MANY 7');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByLabel('State').selectOption('hidden');
    await page.getByText('No key fits these filters.').waitFor();
    expect(page.url()).toContain('/console/keys?org=many&q=MANY+7&disabled=hidden');
    await page.reload();
    await page.getByText('No key fits these filters.').waitFor();
  });

  it('gives the focus back to the row of a key that is closed', async () => {
    await keys.make({ name: 'walked to' });
    const page = await keys.open('/keys?q=walked');
    await page.getByRole('link', { name: 'walked to' }).press('Enter');
    const drawer = page.getByRole('complementary', { name: 'walked to' });
    await drawer.getByRole('button', { name: 'Edit' }).waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('walked to');
  });

  it('shows the keys of the file, which it does not change', async () => {
    const page = await keys.open();
    const table = page.getByRole('table', { name: 'Keys of the file' });
    expect(await table.getByRole('row', { name: 'ops' }).textContent()).toContain('call, and manage all');
    expect(await table.getByRole('row', { name: 'caller' }).textContent()).toMatch(/acme.*of \$2\.00 today/);
    expect(await table.getByRole('button').count()).toBe(0);
    await page.getByText('Read-only here').waitFor();
  });

  it('makes and changes organisations, and none of the file', async () => {
    const page = await keys.open();
    const table = page.getByRole('table', { name: 'Organisations' });
    await page.getByRole('button', { name: 'New organisation' }).click();
    await page.getByLabel('Id, which stays').fill('umbrella');
    await page.getByLabel('A month').fill('500');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('umbrella is made.').waitFor();
    expect(await table.getByRole('row', { name: 'umbrella' }).textContent()).toContain('$0 of $500.00 this month');
    await table.getByRole('button', { name: 'Edit umbrella' }).click();
    await page.getByLabel('Calls at once').fill('3');
    await page.getByRole('button', { name: 'Save' }).click();
    await table.getByRole('row', { name: 'umbrella' }).getByText('3 at once').waitFor();
    const { secret } = await keys.make({ name: 'under the umbrella', org_id: 'umbrella' });
    await table.getByRole('button', { name: 'Edit umbrella' }).click();
    await page.getByLabel('Disabled: every call').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await table.getByRole('row', { name: 'umbrella' }).getByText('disabled').waitFor();
    expect(await keys.codeOf(secret)).toBe('key_disabled');
    expect(await table.getByRole('row', { name: 'acme' }).textContent()).toContain('in the file');
    await page.getByRole('button', { name: 'New organisation' }).click();
    await page.getByLabel('Id, which stays').fill('acme');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('dialog').getByText('org_exists').waitFor();
  });

  it('deletes an organisation once its id was typed, with its teams and their keys, and goes to the next row', async () => {
    const boss = keys.as(ADMIN);
    for (const id of ['doomed', 'doomed-too']) await boss('POST', '/v1/orgs', { id });
    await boss('POST', '/v1/orgs', { id: 'doomed-a-team', parent_id: 'doomed' });
    const { secret } = await keys.make({ name: 'of the team', org_id: 'doomed-a-team', disabled: true });
    const page = await keys.open();
    const table = page.getByRole('table', { name: 'Organisations' });
    const focused = (): Promise<unknown> => page.evaluate('document.activeElement.getAttribute("aria-label")');
    expect(await table.getByRole('row', { name: 'acme' }).getByRole('button').count()).toBe(0);
    await table.getByRole('button', { name: 'Delete doomed', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete doomed' });
    const last = dialog.getByRole('button', { name: 'Delete it for good' });
    await dialog.getByText('1 key, and the team doomed-a-team.').waitFor();
    await dialog.getByLabel('Type its id').fill('doom');
    expect(await last.isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('Delete doomed');
    await table.getByRole('button', { name: 'Delete doomed', exact: true }).click();
    await dialog.getByLabel('Type its id').fill('doomed');
    await last.click();
    await page.getByText('doomed is deleted.').waitFor();
    await expect.poll(focused).toBe('Edit doomed-too');
    await table.getByRole('row', { name: 'doomed-a-team' }).waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('Edit doomed-too');
    expect(await keys.codeOf(secret)).toBe('invalid_api_key');
    await table.getByRole('button', { name: 'Delete doomed-too' }).click();
    const { status } = await boss('DELETE', '/v1/orgs/doomed-too');
    expect(status).toBe(200);
    await page.getByLabel('Type its id').fill('doomed-too');
    await last.click();
    await page.getByRole('dialog').getByText("There is no organisation 'doomed-too'.").waitFor();
  });

  it('says why a manager of one organisation is refused, and keeps what was typed', async () => {
    const { secret, hash } = await keys.make({ name: 'boss of acme', kind: 'management', org_id: 'acme' });
    const page = await keys.open('/keys', secret);
    await page.getByRole('link', { name: 'Keys', exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'Config', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'New key' }).click();
    const form = page.getByRole('dialog', { name: 'New key' });
    expect(await form.getByLabel('Organisation, if any').inputValue()).toBe('acme');
    await form.getByLabel('Name').fill('beyond');
    await form.getByLabel('Organisation, if any').fill('umbrella');
    await form.getByRole('button', { name: 'Make the key' }).click();
    await form.getByText("This key manages the organisation 'acme' and its teams, and nothing beyond.").waitFor();
    expect(await form.getByLabel('Name').inputValue()).toBe('beyond');
    await page.keyboard.press('Escape');
    await page.goto(`${keys.scene().gateway.url}/console/keys/${hash}`);
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('dialog', { name: 'Rotate boss of acme' }).waitFor();
    expect(await page.getByLabel('The secret before goes on for').locator('option').count()).toBe(4);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Disable', exact: true }).click();
    await page.getByText('You are signed in with this key').waitFor();
    await page.getByRole('button', { name: 'Disable it' }).click();
    await page.getByText('A key of an organisation does not change itself.').waitFor();
  });

  it('leads to the calls of one that was made, whose name others may have too', async () => {
    const made = await Promise.all(['twin', 'twin'].map((name) => keys.make({ name })));
    for (const { secret } of made) expect(await keys.codeOf(secret)).toBeUndefined();
    const page = await keys.open('/calls');
    const rows = page.getByRole('table', { name: 'Ended calls' }).locator('tbody tr').filter({ hasText: 'twin' });
    await expect.poll(() => rows.count()).toBe(2);
    await rows.first().getByRole('link', { name: 'twin' }).click();
    await expect.poll(() => rows.count()).toBe(1);
    expect(made.map(({ hash }) => hash)).toContain(new URL(page.url()).searchParams.get('key'));
  });

  it('is not there for a key that calls', async () => {
    const page = await keys.open('/keys', 'key-of-a-caller');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    for (const name of ['Keys', 'Config']) expect(await page.getByRole('link', { name, exact: true }).count()).toBe(0);
    await page.goto(`${keys.scene().gateway.url}/console/config`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });

  it.each(VIEWS)('is without findings of axe %s, with a key open and its dialogs', async (_name, view) => {
    const { browser, gateway } = keys.scene();
    await keys.as(ADMIN)('POST', '/v1/orgs', { id: 'looked-at-org' });
    const { hash } = await keys.make({ name: 'looked at', budgets: { day: 1 }, rpm_limit: 5, models: ['demo'] });
    const dialogs: readonly (readonly [string, string])[] = [
      ['Edit', 'Edit looked at'],
      ['New organisation', 'New organisation'],
      ['Delete looked-at-org', 'Delete looked-at-org'],
      ['Delete', 'Delete looked at'],
      ['Rotate', 'Rotate looked at'],
    ];
    for (const [button, title] of [[null, null] as const, ...dialogs]) {
      const findings = await axeFindings(browser, `${gateway.url}/console/keys/${hash}`, view, async (page) => {
        await signIn(page);
        await page.getByRole('table', { name: 'Organisations' }).waitFor();
        await page.getByRole('heading', { name: 'looked at' }).waitFor();
        if (button !== null) await page.getByRole('button', { name: button, exact: true }).first().click();
        if (title !== null) await page.getByRole('dialog', { name: title }).waitFor();
        if (button === 'Rotate') await page.getByRole('button', { name: 'Make another secret' }).click();
        if (button === 'Rotate') await page.getByRole('dialog', { name: 'The secret of looked at' }).waitFor();
        expect(await fitsItsWidth(page)).toBe(true);
      });
      expect([button, ...findings]).toEqual([button]);
    }
  });
});
