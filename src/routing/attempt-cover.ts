import type { Awaitable } from '../protocol/awaitable.ts';
import type { GatewayError } from '../protocol/errors.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { Target } from './target.ts';

/** What a call has set aside in the limits of its key, as its attempts draw on it. */
export interface AttemptCover {
  /**
   * Sees to it, before a target is asked, that what is set aside covers what that may cost beside all that was spent.
   * @param isBeside another attempt runs, and may cost all that was set aside for it
   * @returns why the target may not be asked; null where it may
   */
  cover(target: Target, request: ModelRequest, isBeside: boolean): Awaitable<GatewayError | null>;
  /** The request as far as what is covered pays for it: an answer that is watched by nothing else may be made shorter. */
  clamped(request: ModelRequest): ModelRequest;
}
