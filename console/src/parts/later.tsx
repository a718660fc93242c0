import type { ComponentType, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { whenIdle } from './idle.ts';
import { Problem } from './states.tsx';

/**
 * A part of a page whose program is no part of the first view: it is loaded when it is first shown, or the browser has
 * nothing else to do. @param waiting stands in its place until then
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  waiting: VNode | null = null,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  // It is there when the gateway is away. What could not be loaded once is not asked for again by browsers.
  whenIdle(() => void load().catch(() => {}));
  return function Later(props: Props) {
    const [Content, setContent] = useState(() => loaded);
    const [hasFailed, setFailed] = useState(false);
    useEffect(() => {
      // Another one may have loaded it since this one was drawn: that is no content of this one yet.
      if (Content !== null) return;
      load().then(
        (found) => {
          loaded = found;
          setContent(() => found);
        },
        () => setFailed(true),
      );
    }, []);
    if (hasFailed) return <Problem message={FAILED} retry={() => location.reload()} />;
    return Content ? <Content {...props} /> : waiting;
  };
}

const FAILED = 'This part of the page could not be loaded: the gateway is away, or was updated.';
