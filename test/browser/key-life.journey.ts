import { describe, expect, it } from 'vitest';
import { chatWith } from '../support/managed.ts';
import { ADMIN, rowOf, useManagedKeys } from './support/managed-keys.ts';

const keys = useManagedKeys('key-life');

type ConsolePage = Awaited<ReturnType<typeof keys.open>>;

/** The secret that the open dialog shows. */
async function secretIn(page: ConsolePage): Promise<string> {
  const text = await page.getByRole('dialog').locator('.secret code').textContent();
  expect(text).toMatch(/^sk-sl-[\w-]{43}$/);
  return text ?? '';
}

/** Everything of a page in which a secret could be left. */
const LEFT =
  'JSON.stringify([document.documentElement.outerHTML, [...document.querySelectorAll("input, textarea")].map((field) => field.value), ' +
  '{ ...localStorage }, { ...sessionStorage }, history.state, location.href, document.cookie, ' +
  'performance.getEntries().map(({ name }) => name)])';

describe('a key', () => {
  it('is made with a secret that is shown once and left nowhere', async () => {
    const page = await keys.open();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'New key' }).click();
    const form = page.getByRole('dialog', { name: 'New key' });
    await form.getByLabel('Name').fill('made here');
    await form.getByLabel('Organisation, if any').fill('acme');
    await form.getByLabel('Models, as').fill('demo, de*');
    await form.getByLabel('Expires').fill('2090-01-31T12:00');
    await form.getByLabel('A day').fill('5.5');
    await form.getByLabel('Requests a minute').fill('60');
    await form.getByRole('button', { name: 'Make the key' }).click();
    const dialog = page.getByRole('dialog', { name: 'The secret of made here' });
    await dialog.waitFor();
    const secret = await secretIn(page);
    expect(await page.evaluate(LEFT)).toContain(secret);
    const keepsPage = 'dispatchEvent(new Event("beforeunload", { cancelable: true }))';
    await expect.poll(() => page.evaluate(keepsPage)).toBe(false);
    await page.keyboard.press('Escape');
    await dialog.getByText('It was not copied yet.').waitFor();
    await dialog.getByRole('button', { name: 'Copy' }).click();
    await dialog.getByText('Copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret);
    await expect.poll(() => page.evaluate(keepsPage)).toBe(true);
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('New key');
    await rowOf(page, 'made here').waitFor();
    expect(await page.evaluate(LEFT)).not.toContain(secret);
    await page.reload();
    await rowOf(page, 'made here').waitFor();
    expect(await page.evaluate(LEFT)).not.toContain(secret);
    expect(await rowOf(page, 'made here').textContent()).toMatch(
      /acme.*demo, de\*.*60 requests\/min.*\$0 of \$5\.50 today.*never.*2090.*active/,
    );
    expect((await chatWith(keys.as(secret))).status).toBe(200);
  });

  it('is changed where the form was touched, and nowhere else', async () => {
    const limits = { limit: 3, limit_reset: 'weekly', soft_budget: 2, tpm_limit: 100_000, on_exhausted: 'cut' };
    const { hash } = await keys.make({ name: 'to be edited', ...limits, metadata: { a: 1 } });
    const page = await keys.open(`/keys/${hash}`);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const form = page.getByRole('dialog', { name: 'Edit to be edited' });
    expect(await form.getByLabel('A week').inputValue()).toBe('3');
    await form.getByLabel('Name').fill('edited');
    await form.getByLabel('A week').fill('4');
    await form.getByLabel('A month').fill('9');
    await form.getByLabel('Tokens a minute').fill('');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('edited is changed.').waitFor();
    await page.getByRole('heading', { name: 'edited' }).waitFor();
    const { data } = await keys.as(ADMIN)('GET', `/v1/keys/${hash}`);
    expect(data).toMatchObject({
      ...{ name: 'edited', limit: 4, limit_reset: 'weekly', soft_budget: 2, budgets: { month: 9 }, tpm_limit: null },
      ...{ on_exhausted: 'cut', metadata: { a: 1 }, models: null },
    });
  });

  it('is disabled and enabled', async () => {
    const { hash, secret } = await keys.make({ name: 'to be disabled' });
    const page = await keys.open(`/keys/${hash}`);
    await page.getByRole('button', { name: 'Disable', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable it' }).click();
    await page.getByText('to be disabled is disabled.').waitFor();
    await rowOf(page, 'to be disabled').getByText('disabled', { exact: true }).waitFor();
    expect(await keys.codeOf(secret)).toBe('key_disabled');
    await page.getByRole('button', { name: 'Enable', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Enable it' }).click();
    await page.getByText('to be disabled is enabled.').waitFor();
    expect(await keys.codeOf(secret)).toBeUndefined();
  });

  it('gets another secret, and is rotating while the one before holds', async () => {
    const { hash, secret } = await keys.make({ name: 'to be rotated' });
    const page = await keys.open(`/keys/${hash}`);
    const rotate = async (grace: string): Promise<string> => {
      await page.getByRole('button', { name: 'Rotate' }).click();
      await page.getByLabel('The secret before goes on for').selectOption(grace);
      await page.getByRole('button', { name: 'Make another secret' }).click();
      await page.getByRole('dialog', { name: 'The secret of to be rotated' }).waitFor();
      const found = await secretIn(page);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Rotate');
      return found;
    };
    const second = await rotate('1h');
    await page.getByText('The secret before holds until').waitFor();
    await rowOf(page, 'to be rotated').getByText('rotating').waitFor();
    expect([await keys.codeOf(secret), await keys.codeOf(second)]).toEqual([undefined, undefined]);
    const third = await rotate('0');
    await rowOf(page, 'to be rotated').getByText('active').waitFor();
    expect([await keys.codeOf(second), await keys.codeOf(third)]).toEqual(['invalid_api_key', undefined]);
  });

  it('shows what it spent against its budget, apart what is held, and begins a window anew', async () => {
    const { hash, secret } = await keys.make({
      name: 'spender',
      budgets: { day: 100, month: 200 },
      models: ['dear', 'stuck'],
    });
    await chatWith(keys.as(secret), 'dear');
    const ending = new AbortController();
    const stuck = keys
      .scene()
      .gateway.chat({ model: 'stuck' }, { headers: { authorization: `Bearer ${secret}` }, signal: ending.signal })
      .catch(() => undefined);
    const page = await keys.open(`/keys/${hash}`);
    const windows = page.getByRole('complementary').getByRole('listitem');
    await windows.filter({ hasText: /^\$0\.\d+ of \$100\.00 today · \$[\d.]+ heldReset$/ }).waitFor();
    await windows.filter({ hasText: /^\$0\.\d+ of \$200\.00 this month · \$[\d.]+ heldReset$/ }).waitFor();
    ending.abort();
    await stuck;
    await page.getByRole('button', { name: 'Reset what was spent today' }).click();
    await page.getByRole('dialog', { name: 'Reset spender' }).getByRole('button', { name: 'Begin anew' }).click();
    await page.getByText('What spender spent today is reset.').waitFor();
    await windows.filter({ hasText: /^\$0 of \$100\.00 todayReset$/ }).waitFor();
    await windows.filter({ hasText: /^\$0\.\d+ of \$200\.00 this month/ }).waitFor();
  });

  it('is deleted once its name was typed, and the focus stays on the page', async () => {
    const { hash, secret } = await keys.make({ name: 'to be deleted' });
    const page = await keys.open(`/keys/${hash}?q=to+be`);
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete to be deleted' });
    const last = dialog.getByRole('button', { name: 'Delete it for good' });
    await dialog.getByLabel('Type its name').fill('to be');
    expect(await last.isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Delete');
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByLabel('Type its name').fill('to be deleted');
    await last.click();
    await page.getByText('to be deleted is deleted.').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Keys');
    expect(page.url()).toBe(`${keys.scene().gateway.url}/console/keys?q=to+be`);
    await rowOf(page, 'to be deleted').waitFor({ state: 'detached' });
    expect(await keys.codeOf(secret)).toBe('invalid_api_key');
  });

  it('that is not there says so', async () => {
    const page = await keys.open(`/keys/${'0'.repeat(64)}`);
    await page.getByRole('complementary').getByText('There is no key').waitFor();
  });
});
