/** Wrong keys that one address may try to sign in with. */
const MAX_TRIES = 10;
const WINDOW_MS = 60_000;
/** More addresses are not remembered: the one that tried first goes. */
const MAX_ADDRESSES = 10_000;

/** How often each address tried to sign in with a wrong key within the last minute. */
export class SignInTries {
  readonly #now: () => number;
  readonly #failedAt = new Map<string, number[]>();

  /** @param now milliseconds, never going back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How long the address has to wait before its next try, in milliseconds: 0 where it may try now. */
  waitMs(address: string): number {
    const recent = this.#recent(address);
    const [first] = recent;
    return first === undefined || recent.length < MAX_TRIES ? 0 : first + WINDOW_MS - this.#now();
  }

  /** A key was wrong. */
  failed(address: string): void {
    const recent = [...this.#recent(address), this.#now()];
    this.#failedAt.delete(address);
    this.#failedAt.set(address, recent);
    const [oldest] = this.#failedAt.keys();
    if (this.#failedAt.size > MAX_ADDRESSES && oldest !== undefined) this.#failedAt.delete(oldest);
  }

  #recent(address: string): readonly number[] {
    return (this.#failedAt.get(address) ?? []).filter((at) => this.#now() - at < WINDOW_MS);
  }
}
