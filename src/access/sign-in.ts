import { GatewayError } from '../protocol/errors.ts';
import { tooManyTries, wrongKey } from './key-errors.ts';
import type { CallerHeaders, KeyRing } from './key-ring.ts';
import type { Key } from './keys.ts';
import { digestOf, presentedKey } from './secret.ts';
import type { Session, SessionHeaders, Sessions } from './sessions.ts';
import { SignInTries } from './sign-in-tries.ts';

/** A caller that has signed in; no token where nobody needs a key. */
interface SignedIn {
  readonly key: Key;
  readonly begun: { readonly token: string; readonly session: Session } | null;
}

/** How browsers begin and end a session. */
export class SignIn {
  readonly #sessions: Sessions;
  readonly #tries: SignInTries;

  /** @param now milliseconds since the epoch, never going back */
  constructor(sessions: Sessions, now: () => number) {
    this.#sessions = sessions;
    this.#tries = new SignInTries(now);
  }

  /**
   * Begins a session with the key of `Authorization`; one that the request shows besides does not count. A key of several
   * organisations signs in for the one that `x-org-id` names, and the session calls for that.
   * @param address of who asks
   * @throws GatewayError as a call with this key; 403 `route_not_allowed`, 429 `rate_limit_exceeded`
   */
  async begin(ring: KeyRing, { authorization, 'x-org-id': org }: CallerHeaders, address: string): Promise<SignedIn> {
    const waitMs = this.#tries.waitMs(address);
    if (waitMs > 0) throw tooManyTries(waitMs);
    try {
      const key = await ring.authenticate({ authorization, 'x-org-id': org });
      ring.admitToConsole(key);
      if (ring.isOpen) return { key, begun: null };
      const presented = presentedKey(authorization);
      if (presented === undefined) throw wrongKey('missing');
      return { key, begun: this.#sessions.begin(digestOf(presented), key.servesOrgs ? key.org : null) };
    } catch (error) {
      if (error instanceof GatewayError && error.status === 401) this.#tries.failed(address);
      throw error;
    }
  }

  /** @returns whether the request shows a session, which is over now */
  end(headers: SessionHeaders): boolean {
    return this.#sessions.end(headers);
  }
}
