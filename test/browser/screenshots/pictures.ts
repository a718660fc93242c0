import type { Page } from 'playwright-core';
import { CODE_QUESTION, PLAIN_QUESTION } from './words.ts';

/** One page of the console as it is photographed. */
export interface Picture {
  /** Of the file, before the view. */
  readonly name: string;
  /** Below `/console`. */
  readonly path: string;
  /** Brings the page into the state that is shown. */
  readonly prepare: (page: Page) => Promise<void>;
}

const TIDES = new URLSearchParams({ a: 'swift', b: 'deep', prompt: PLAIN_QUESTION });

/** @param conversation what {@link makeConversation} gave */
export function picturesOf(conversation: string): readonly Picture[] {
  return [
    { name: 'chat', path: conversation, prepare: answered },
    { name: 'calls', path: '/calls', prepare: openCall },
    { name: 'usage', path: '/usage?range=24h', prepare: (page) => showsTable(page, 'Usage by model') },
    { name: 'health', path: '/health', prepare: (page) => showsTable(page, 'Providers') },
    {
      name: 'models',
      path: '/models',
      prepare: (page) => page.getByRole('link', { name: 'deep', exact: true }).waitFor(),
    },
    { name: 'keys', path: '/keys', prepare: (page) => showsTable(page, 'Organisations') },
    { name: 'config', path: '/config', prepare: (page) => page.getByText('OPS_KEY').first().waitFor() },
    // The last, as it makes calls that would be on the other pages.
    { name: 'compare', path: `/compare?${TIDES}`, prepare: compare },
  ];
}

/** Asks in the chat, and once more of a model that breaks off and is rescued. @returns its path below `/console` */
export async function makeConversation(page: Page): Promise<string> {
  await ask(page, CODE_QUESTION);
  await page.getByRole('button', { name: 'Again with …' }).last().click();
  const dialog = page.getByRole('dialog', { name: 'Ask again' });
  await dialog.getByRole('combobox', { name: 'Model' }).fill('deep');
  await dialog.getByRole('option', { name: 'deep' }).first().waitFor();
  await dialog.getByRole('combobox', { name: 'Model' }).press('Enter');
  await dialog.getByRole('button', { name: 'Ask again' }).click();
  await page.getByText('2/2').waitFor();
  await answered(page);
  return new URL(page.url()).pathname.replace('/console', '');
}

async function ask(page: Page, question: string): Promise<void> {
  const box = page.getByRole('combobox', { name: 'Model' });
  // The one that is asked by itself comes with the models, and would come between the letters.
  await page.waitForFunction((node) => (node as HTMLInputElement).value !== '', await box.elementHandle());
  await box.fill('swift');
  await page.getByRole('option', { name: 'swift' }).first().waitFor();
  await box.press('Enter');
  await page.getByLabel('Message').fill(question);
  await page.getByLabel('Message').press('Enter');
  await answered(page);
}

/** The answer is whole, and kept. */
async function answered(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Branch', exact: true }).waitFor();
}

async function compare(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send to both' }).click();
  await page.getByText(/cheaper/).scrollIntoViewIfNeeded();
}

async function openCall(page: Page): Promise<void> {
  const ended = page.getByRole('table', { name: 'Ended calls' });
  await ended.getByRole('link', { name: '→' }).first().click();
  await page.getByRole('region', { name: 'Attempts' }).waitFor();
}

async function showsTable(page: Page, name: string): Promise<void> {
  await page.getByRole('table', { name, exact: true }).waitFor();
}
