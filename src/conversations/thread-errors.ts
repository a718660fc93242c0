import { GatewayError } from '../protocol/errors.ts';

/** A conversation has one writer at a time. */
export function locked(): GatewayError {
  const message = 'Another process is currently operating on this conversation. Please retry in a few seconds.';
  return new GatewayError('conversation_locked', message, { param: 'conversation', retryAfterMs: 1000 });
}

/** Unknown, erased, expired and foreign are one. */
export function missingParent(id: string): GatewayError {
  return noParent(`Previous response with id '${shown(id)}' not found.`);
}

/** A parent that cannot be followed. */
export function noParent(message: string): GatewayError {
  return new GatewayError('previous_response_not_found', message, { param: 'previous_response_id' });
}

/** Unknown, erased, expired and foreign are one. @throws GatewayError 404 */
export function notFound(what: 'Response' | 'Conversation' | 'Item', id: string): never {
  throw new GatewayError('not_found', `${what} with id '${shown(id)}' not found.`, { bodyCode: null });
}

/** @throws GatewayError 400 for an `after` that is not in the list */
export function badCursor(after: string | null): never {
  const message = `Invalid 'after': '${shown(after ?? '')}' is not in this list. Send the last_id of the page before.`;
  throw new GatewayError('invalid_value', message, { param: 'after' });
}

/** Clients write ids: an error repeats so much of one. */
export function shown(id: string): string {
  return id.slice(0, 100);
}
