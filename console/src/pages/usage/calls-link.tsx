import type { ComponentChildren } from 'preact';
import { href } from '../../app/router.ts';

/** A figure that leads to the calls behind it, where the reader may see them. @param to as `callsPath` has it */
export function CallsLink({ to, children }: { readonly to: string | null; readonly children: ComponentChildren }) {
  return to === null ? children : <a href={href(to)}>{children}</a>;
}
