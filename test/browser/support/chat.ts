import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What stands below an answer that was stopped, once the gateway has ended its call. */
export const STOPPED = /^Stopped in \d/;

/** Picks a model, writes a question and sends it. */
export async function say(page: Page, text: string, model = 'demo'): Promise<void> {
  await pickModel(page, model);
  await page.getByLabel('Message').fill(text);
  await page.getByLabel('Message').press('Enter');
}

/** Types the name of a model and takes what the list has for it. */
export async function pickModel(page: Page, model: string): Promise<void> {
  const box = page.getByRole('combobox', { name: 'Model' });
  // The one that is asked by itself comes with the models, and would come between the letters.
  await expect.poll(() => box.inputValue(), { timeout: 15_000 }).not.toBe('');
  await box.fill(model);
  await page.getByRole('option', { name: model }).first().waitFor();
  await box.press('Enter');
}
