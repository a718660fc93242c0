import { GatewayError } from '../protocol/errors.ts';
import type { KeptItem } from './records.ts';

/** How large what stands behind one answer may be, and how long it is kept. */
export interface ThreadLimits {
  readonly maxItemBytes: number;
  readonly maxThreadBytes: number;
  readonly maxItems: number;
  /** A conversation after its last turn; null for ever. */
  readonly conversationKeepMs: number | null;
}

/** How much stands before a turn. */
export interface Size {
  readonly count: number;
  readonly bytes: number;
}

/**
 * @param behind what stands before the items
 * @param param the client's name for them
 * @throws GatewayError 400 `thread_too_large` for an item that is too large, or where all of them would be too much
 */
export function refuseLargeItems(
  items: readonly KeptItem[],
  behind: Size,
  param: string,
  limits: Omit<ThreadLimits, 'conversationKeepMs'>,
): void {
  const sizes = items.map(({ body }) => Buffer.byteLength(body));
  const large = sizes.findIndex((size) => size > limits.maxItemBytes);
  if (large >= 0) {
    const name = `${param}[${large}]`;
    const message = `${name} is too large: it has ${sizes[large]} bytes, and may have ${limits.maxItemBytes} (responses.max_item).`;
    throw new GatewayError('thread_too_large', message, { param: name });
  }
  const bytes = sizes.reduce((sum, size) => sum + size, behind.bytes);
  refuseLargeThread({ bytes, count: behind.count + items.length }, param, limits);
}

/** @throws GatewayError 400 `thread_too_large` */
export function refuseLargeThread(
  { bytes, count }: Size,
  param: string,
  { maxThreadBytes, maxItems }: Pick<ThreadLimits, 'maxThreadBytes' | 'maxItems'>,
): void {
  if (bytes <= maxThreadBytes && count <= maxItems) return;
  const found = `it has ${count} items and ${bytes} bytes, and may have ${maxItems} and ${maxThreadBytes}`;
  const advice = "Begin a new one; 'context_management' keeps a long one short.";
  throw new GatewayError('thread_too_large', `The conversation is too large: ${found}. ${advice}`, { param });
}
