import type { Ref } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** The width of an element in pixels, as it changes; before it is drawn, that of a phone. */
export function useWidth<T extends Element>(): readonly [ref: Ref<T>, width: number] {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(288);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.floor(current.getBoundingClientRect().width)));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
