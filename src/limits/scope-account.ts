import { BudgetAccount, type BudgetAlert } from './budget.ts';
import type { Ask, LimitHit, Limits, ScopeReading, WindowReading } from './ledger.ts';
import { arrivalAfter, corrected, type RateStanding, rateStanding, rescaled, waitFor } from './rate.ts';
import type { SpendRow } from './spend.ts';
import { nextWindowAt, WINDOWS, type WindowIds, type WindowName, windowKey } from './windows.ts';

/** A limit in the way of a call, and for how long in milliseconds; infinitely where no time will help. */
export interface Obstacle {
  readonly hit: LimitHit;
  readonly waitMs: number;
}

/** When a call may try again that has too many beside it: it cannot be known when the first of them ends. */
const CONCURRENCY_WAIT_MS = 1000;

/** The state of one scope. `now` is the time of a steady clock, `at` milliseconds since the epoch. */
export class ScopeAccount {
  readonly id: string;
  readonly money: BudgetAccount;
  inFlight = 0;
  /** False where it could not be read what was spent before. */
  isSeeded = true;
  /** Is dropped when its last call has ended. */
  isForgotten = false;
  #version: number;
  #limits: Limits;
  /** Theoretical arrival times. */
  #requestsAt = 0;
  #tokensAt = 0;
  /** The first call whose tokens are counted: there was no limit of them, or one of 0, while earlier ones took theirs. */
  #tokensSince = 0;

  constructor(id: string, ids: WindowIds, version: number, limits: Limits) {
    this.id = id;
    this.money = new BudgetAccount(ids);
    this.money.change(limits.budget);
    this.#version = version;
    this.#limits = limits;
  }

  /** What was spent matters where that is limited. */
  get isKnown(): boolean {
    return this.isSeeded || this.#limits.budget === null;
  }

  /** Takes what the database has: what was spent since is a part of that, but for records that were lost. */
  seed(rows: readonly SpendRow[], ids: WindowIds): void {
    const since = [...this.money.spent];
    this.money.spent.fill(0);
    for (const row of rows) this.book(row, ids);
    for (const [at, nano] of since.entries()) this.money.spent[at] = Math.max(nano, this.money.spent[at] ?? 0);
    this.isSeeded = true;
  }

  /**
   * Other limits, under which as many requests and tokens are owed as before.
   * @param nextCall the number that the next admitted call will have
   */
  change(version: number, limits: Limits, now: number, nextCall: number): void {
    if (version < this.#version) return;
    const before = this.#limits;
    this.#requestsAt = rescaled(this.#requestsAt, now, before.rpm, limits.rpm);
    this.#tokensAt = rescaled(this.#tokensAt, now, before.tpm, limits.tpm);
    if (!before.tpm) this.#tokensSince = nextCall;
    this.money.change(limits.budget);
    this.#version = version;
    this.#limits = limits;
  }

  /** What is in the way of a call with this ask; null when nothing is. */
  obstacleTo(ask: Ask, now: number, at: number): Obstacle | null {
    const money = this.obstacleToMoney(ask.leastNano, null, at);
    if (money !== null) return money;
    const { rpm, tpm, concurrency, burst } = this.#limits;
    const { tokens, isPart = false } = ask;
    let worst: Obstacle | null = null;
    if (concurrency !== null && this.inFlight >= concurrency && !isPart) {
      const waitMs = concurrency === 0 ? Number.POSITIVE_INFINITY : CONCURRENCY_WAIT_MS;
      worst = { hit: { limit: 'concurrency', most: concurrency }, waitMs };
    }
    const requestsMs = rpm === null || isPart ? 0 : waitFor({ most: rpm, burst }, this.#requestsAt, now, 1);
    if (rpm !== null && requestsMs > (worst?.waitMs ?? 0)) {
      worst = { hit: { limit: 'rpm', most: rpm }, waitMs: requestsMs };
    }
    const tokensMs = tpm === null ? 0 : waitFor({ most: tpm, burst }, this.#tokensAt, now, tokens);
    if (tpm !== null && tokensMs > (worst?.waitMs ?? 0)) {
      worst = { hit: { limit: 'tpm', most: tpm, asked: tokens }, waitMs: tokensMs };
    }
    return worst;
  }

  /**
   * What is in the way of setting aside so much.
   * @param has what of it is held already; null for a new call
   */
  obstacleToMoney(nano: number | null, has: number | null, at: number): Obstacle | null {
    const { money } = this;
    if (!money.isHard) return null;
    if (nano === null) return { hit: { limit: 'price' }, waitMs: Number.POSITIVE_INFINITY };
    const more = nano - (has ?? 0);
    // Who wants nothing more is not refused, even where the budget was overdrawn meanwhile.
    if (more <= money.left() || (has !== null && more <= 0)) return null;
    const window = money.shortWindow(more);
    const name = WINDOWS[window] ?? 'total';
    const hit = {
      limit: 'budget',
      window: name,
      mostNano: money.limitOf(window) ?? 0,
      spentNano: money.spent[window] ?? 0,
      heldNano: money.held,
      askedNano: more,
      beginsAnewAt: nextWindowAt(name, at),
    } as const;
    return { hit, waitMs: Number.POSITIVE_INFINITY };
  }

  /** Takes one call with so much. @param isPart of another one: it is no further request */
  take(nano: number, tokens: number, now: number, isPart = false): readonly BudgetAlert[] {
    this.inFlight += 1;
    if (this.#limits.rpm !== null && !isPart)
      this.#requestsAt = arrivalAfter(this.#requestsAt, now, 1, this.#limits.rpm);
    return this.takeMore(nano, tokens, now);
  }

  /** Takes more for a call. */
  takeMore(nano: number, tokens: number, now: number): readonly BudgetAlert[] {
    if (this.#limits.tpm !== null) this.#tokensAt = arrivalAfter(this.#tokensAt, now, tokens, this.#limits.tpm);
    return this.money.hold(nano);
  }

  /** A call of this number has ended, which had taken so many tokens. */
  leave(call: number, reserved: number, tokens: number, cachedTokens: number): void {
    this.inFlight -= 1;
    const { tpm, countsCached } = this.#limits;
    if (tpm === null || call < this.#tokensSince) return;
    const real = countsCached ? tokens : tokens - cachedTokens;
    this.#tokensAt = corrected(this.#tokensAt, real - reserved, tpm);
  }

  /** Books what was spent elsewhere into this window, if it is the current one. */
  book({ win, nano }: SpendRow, ids: WindowIds): void {
    const window = WINDOWS.findIndex((_, index) => windowKey(index, ids) === win);
    if (window >= 0) this.money.spent[window] = (this.money.spent[window] ?? 0) + nano;
  }

  /** Null without a limit. */
  requests(now: number): RateStanding | null {
    const { rpm, burst } = this.#limits;
    return rpm === null ? null : rateStanding({ most: rpm, burst }, this.#requestsAt, now);
  }

  /** Null without a limit. */
  tokens(now: number): RateStanding | null {
    const { tpm, burst } = this.#limits;
    return tpm === null ? null : rateStanding({ most: tpm, burst }, this.#tokensAt, now);
  }

  /** All of it, as people ask for it. */
  read(now: number, at: number): ScopeReading {
    const windows = WINDOWS.map((name, index) => [name, this.#readWindow(name, index, at)]);
    return {
      isSeeded: this.isSeeded,
      requests: this.requests(now),
      tokens: this.tokens(now),
      inFlight: this.inFlight,
      concurrency: this.#limits.concurrency,
      heldNano: this.money.held,
      windows: Object.fromEntries(windows) as ScopeReading['windows'],
    };
  }

  #readWindow(name: WindowName, index: number, at: number): WindowReading {
    const spentNano = this.money.spent[index] ?? 0;
    const limitNano = this.money.limitOf(index);
    const leftNano = limitNano === null ? null : limitNano - spentNano - this.money.held;
    return { spentNano, limitNano, leftNano, beginsAnewAt: nextWindowAt(name, at) };
  }
}
