import { effect, signal } from '@preact/signals';

/** As the reader wants it; `auto` is as the system has it. */
export type Theme = 'auto' | 'light' | 'dark';

const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
/** `theme.js` reads it before anything is drawn. */
const STORED_AS = 'sluice-theme';

/** Which one holds. */
export const theme = signal<Theme>(readTheme());

/** Auto, light, dark, and again. */
export function switchTheme(): void {
  theme.value = NEXT[theme.value];
}

/** Keeps the page and the storage as the signal says. */
export function startTheme(): void {
  effect(() => {
    const chosen = theme.value;
    if (chosen === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = chosen;
    remember(chosen);
  });
}

function readTheme(): Theme {
  const { theme: shown } = document.documentElement.dataset;
  return shown === 'light' || shown === 'dark' ? shown : 'auto';
}

function remember(chosen: Theme): void {
  try {
    if (chosen === 'auto') localStorage.removeItem(STORED_AS);
    else localStorage.setItem(STORED_AS, chosen);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}
