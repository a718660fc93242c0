import { type Signal, signal } from '@preact/signals';

/** Something that is loaded when it is first wanted, and that a page can do without until then. */
export interface Late<T> {
  /** Null until it is there. */
  readonly loaded: Signal<T | null>;
  /** Loads it, unless that was done or is being done. What fails is tried again when the browser is online, or with the next wish. */
  want(): void;
}

/** @param load brings it */
export function late<T>(load: () => Promise<T>): Late<T> {
  const loaded = signal<T | null>(null);
  let isWanted = false;
  const want = (): void => {
    if (isWanted) return;
    isWanted = true;
    load().then(
      (found) => {
        loaded.value = found;
      },
      () => {
        isWanted = false;
        addEventListener('online', want, { once: true });
      },
    );
  };
  return { loaded, want };
}
