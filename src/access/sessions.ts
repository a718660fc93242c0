import { hash } from 'node:crypto';
import type { RandomBytes } from './secret.ts';

/** A browser that has signed in. It stands for a key: each request asks the keys anew whether that may call. */
export interface Session {
  /** SHA-256 of the key it stands for: the key itself is not kept. */
  readonly digest: Buffer;
  /** The organisation it calls for, where the key was shown with one. */
  readonly org: string | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What a request may show of a session. */
export interface SessionHeaders {
  readonly cookie?: string | undefined;
  readonly 'x-sluice-console'?: string | string[] | undefined;
}

/** 12 hours. */
const SESSION_MS = 12 * 60 * 60_000;
const TOKEN_BYTES = 32;
/** More sessions of one key, and of all keys together, end the oldest. */
const MAX_OF_KEY = 100;
const MAX_SESSIONS = 10_000;

/** The sessions of this process, in memory: a restart ends them. */
export class Sessions {
  readonly #random: RandomBytes;
  readonly #now: () => number;
  /** By the digest of their token, the oldest first: the time of a look-up tells nothing about a token. */
  readonly #sessions = new Map<string, Session>();

  /** @param now milliseconds since the epoch */
  constructor(random: RandomBytes, now: () => number) {
    this.#random = random;
    this.#now = now;
  }

  /**
   * Begins a session for the key with this digest.
   * @param org the organisation that all its requests call for, unless they name one; null for none in particular
   * @returns its token: 256 random bits, told this once
   */
  begin(digest: Buffer, org: string | null): { readonly token: string; readonly session: Session } {
    this.#makeRoom(digest);
    const token = this.#random(TOKEN_BYTES).toString('base64url');
    const session = { digest, org, expiresAt: this.#now() + SESSION_MS };
    this.#sessions.set(nameOf(token), session);
    return { token, session };
  }

  /**
   * The session that a request shows. A cookie counts only beside the console's header: another site can make a browser
   * send the cookie, and not the header.
   */
  find(headers: SessionHeaders): Session | null {
    const name = shownName(headers);
    const session = name === null ? undefined : this.#sessions.get(name);
    if (name === null || session === undefined) return null;
    if (session.expiresAt > this.#now()) return session;
    this.#sessions.delete(name);
    return null;
  }

  /** Ends the session that a request shows. @returns whether there was one */
  end(headers: SessionHeaders): boolean {
    const name = shownName(headers);
    return name !== null && this.#sessions.delete(name);
  }

  #makeRoom(digest: Buffer): void {
    let ofKey = 0;
    for (const [name, session] of [...this.#sessions].reverse()) {
      const isOwn = session.digest.equals(digest);
      if (session.expiresAt <= this.#now() || (isOwn && ++ofKey >= MAX_OF_KEY)) this.#sessions.delete(name);
    }
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }
}

/** Whether a request says that it comes from the console: only a page of our own can send this header. */
export function isFromConsole(headers: SessionHeaders): boolean {
  return headers['x-sluice-console'] === '1';
}

function shownName(headers: SessionHeaders): string | null {
  if (!isFromConsole(headers)) return null;
  const token = /(?:^|;\s*)sluice_session=([\w-]{43})(?:;|$)/.exec(headers.cookie ?? '')?.[1];
  return token === undefined ? null : nameOf(token);
}

function nameOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
