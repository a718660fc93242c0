import type { ComponentChildren } from 'preact';

/** What is wider than the page, such as code: it scrolls in itself, by the keyboard too. */
export function WideBox({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
    <section class="wide-box" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
