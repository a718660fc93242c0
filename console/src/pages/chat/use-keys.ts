import { useEffect } from 'preact/hooks';

/** Adds keys while something is shown. They are pressed later than that, and so is their program loaded. @param load brings what adds them, and takes them away again; null adds none */
export function useKeys(load: (() => Promise<() => () => void>) | null): void {
  const isWanted = load !== null;
  useEffect(() => {
    if (load === null) return;
    let isGone = false;
    // The page can do without.
    const added = load().then(
      (add) => (isGone ? null : add()),
      () => null,
    );
    return () => {
      isGone = true;
      void added.then((remove) => remove?.());
    };
  }, [isWanted]);
}
