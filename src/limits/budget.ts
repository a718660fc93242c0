import { WINDOWS, type WindowIds, type WindowName } from './windows.ts';

/** What may be spent in each window, in nano-USD; null where there is no limit. */
export interface Budget extends Readonly<Record<WindowName, number | null>> {
  /** Hard: what is not there is refused. Soft: it is told, and goes on. */
  readonly on: 'hard' | 'soft';
  /** The share of a window from which on it is told that little is left: 0.8. */
  readonly softAt: number;
}

/** A word to the operator about a window: little is left, or a soft budget is used up. */
export interface BudgetAlert {
  readonly window: WindowName;
  readonly level: 'near' | 'exceeded';
  /** True once a window. */
  readonly isFirst: boolean;
}

const NANO_PER_USD = 1_000_000_000;
const ZERO = '0'.charCodeAt(0);

/** Nano-USD of a cost in USD; what is not known counts as nothing. */
export function toNano(usd: number | null): number {
  return Math.round((usd ?? 0) * NANO_PER_USD);
}

/** USD as people and headers read them, to the nano-dollar and with two decimals at least: `4.90`. */
export function toUsd(nano: number): string {
  const whole = Math.abs(nano);
  const rest = String(whole % NANO_PER_USD).padStart(9, '0');
  // A loop, because a pattern takes longer than all the rest, and every governed answer says what is left.
  let digits = rest.length;
  while (digits > 2 && rest.charCodeAt(digits - 1) === ZERO) digits--;
  return `${nano < 0 ? '-' : ''}${Math.floor(whole / NANO_PER_USD)}.${rest.slice(0, digits)}`;
}

const NO_ALERTS: readonly BudgetAlert[] = Object.freeze([]);
const UNLIMITED: readonly number[] = WINDOWS.map(() => Number.POSITIVE_INFINITY);

/** The money of one scope: what was spent in each window, and what calls in flight may still spend. */
export class BudgetAccount {
  /** By window. */
  readonly spent: number[] = WINDOWS.map(() => 0);
  held = 0;
  /** By window; infinite where there is no limit. */
  #most = UNLIMITED;
  #isHard = false;
  #softAt = 1;
  #ids: WindowIds;
  /** A bit for each window and level that was told. */
  #told = 0;

  constructor(ids: WindowIds) {
    this.#ids = ids;
  }

  /** Keeps what is spent and held, and under the same terms also what was told. */
  change(budget: Budget | null): void {
    const before = this.#terms();
    this.#most = budget === null ? UNLIMITED : WINDOWS.map((name) => budget[name] ?? Number.POSITIVE_INFINITY);
    this.#isHard = budget?.on === 'hard' && this.#most.some(Number.isFinite);
    this.#softAt = budget?.softAt ?? 1;
    if (this.#terms().some((term, at) => term !== before[at])) this.#told = 0;
  }

  /** Whether there is a limit that must not be passed. */
  get isHard(): boolean {
    return this.#isHard;
  }

  /** Goes on in these windows: each that is another one begins with nothing spent. */
  roll(ids: WindowIds): void {
    if (ids === this.#ids) return;
    for (let at = 0; at < WINDOWS.length; at++) {
      if (ids[at] === this.#ids[at]) continue;
      this.spent[at] = 0;
      this.#told &= ~(bitOf(at, 'near') | bitOf(at, 'exceeded'));
    }
    this.#ids = ids;
  }

  /** Null without a limit. */
  limitOf(window: number): number | null {
    const most = this.#most[window] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(most) ? most : null;
  }

  /** What may still be taken, in the tightest window; infinite without a limit. */
  left(): number {
    if (this.#most === UNLIMITED) return Number.POSITIVE_INFINITY;
    let left = Number.POSITIVE_INFINITY;
    for (let at = 0; at < WINDOWS.length; at++) left = Math.min(left, this.#leftIn(at));
    return left;
  }

  /** What a call is allowed to take: more than is there where the budget is soft. */
  allowed(): number {
    return this.#isHard ? this.left() : Number.POSITIVE_INFINITY;
  }

  /** The window that lacks so much; of several the one that lasts longest. Only to be asked when there is one. */
  shortWindow(nano: number): number {
    for (let at = WINDOWS.length - 1; at > 0; at--) if (nano > this.#leftIn(at)) return at;
    return 0;
  }

  /** Sets aside what a call may spend. */
  hold(nano: number): readonly BudgetAlert[] {
    this.held += nano;
    return this.#most === UNLIMITED ? NO_ALERTS : this.#alerts();
  }

  /**
   * Gives back what was set aside, and books what was spent into the windows of the admission: one that is over by now has
   * no part in what is left.
   * @returns by how much more than before a hard budget is overdrawn
   */
  pay(ids: WindowIds, held: number, nano: number): number {
    this.held -= held;
    let overrun = 0;
    for (let at = 0; at < WINDOWS.length; at++) {
      if (ids[at] !== this.#ids[at]) continue;
      const before = this.spent[at] ?? 0;
      this.spent[at] = before + nano;
      const most = this.#most[at] ?? Number.POSITIVE_INFINITY;
      if (this.#isHard) overrun = Math.max(overrun, Math.min(nano, before + nano - most));
    }
    return overrun;
  }

  #terms(): readonly unknown[] {
    return [...this.#most, this.#isHard, this.#softAt];
  }

  #leftIn(window: number): number {
    return (this.#most[window] ?? Number.POSITIVE_INFINITY) - (this.spent[window] ?? 0) - this.held;
  }

  #alerts(): readonly BudgetAlert[] {
    let alerts: BudgetAlert[] | null = null;
    let at = -1;
    for (const window of WINDOWS) {
      at += 1;
      const most = this.#most[at] ?? Number.POSITIVE_INFINITY;
      const used = (this.spent[at] ?? 0) + this.held;
      if (!Number.isFinite(most) || used < most * this.#softAt) continue;
      const level = used > most ? 'exceeded' : 'near';
      const isFirst = (this.#told & bitOf(at, level)) === 0;
      this.#told |= bitOf(at, level);
      alerts = [...(alerts ?? []), { window, level, isFirst }];
    }
    return alerts ?? NO_ALERTS;
  }
}

function bitOf(window: number, level: BudgetAlert['level']): number {
  return 1 << (2 * window + (level === 'near' ? 0 : 1));
}
