import type { Request, Response } from 'express';

/** The id that a client gave its call, under which it is found beside ours; null where it gave none. */
export function aliasOf(request: Request, { locals }: Response): string | null {
  const id = String(locals['requestId']);
  return request.get('x-request-id') === id ? id : null;
}
