import { allowedIn, refusalOf, standingOf, takeIn } from './joint-accounts.ts';
import type {
  Admitted,
  Ask,
  Extended,
  Ledger,
  NotOpen,
  Refused,
  ScopeAlert,
  ScopeReading,
  ScopeTerms,
  Settled,
  Settlement,
  Standing,
  UnknownScopes,
} from './ledger.ts';
import { ownerOf, type Scope } from './scope.ts';
import { ScopeAccount } from './scope-account.ts';
import type { SpendRow } from './spend.ts';
import { createSteadyClock, type SteadyClock } from './steady-clock.ts';
import { dayNumber, type WindowIds, windowsAt } from './windows.ts';

/** What an open call has taken. There may be many thousands: nothing here is made for each that could be shared. */
interface Reservation {
  scopes: readonly Scope[];
  accounts: readonly ScopeAccount[];
  readonly windows: WindowIds;
  /** Counts admitted calls. */
  readonly number: number;
  nano: number;
  tokens: number;
}

const NOT_OPEN: NotOpen = Object.freeze({ outcome: 'not-open' });
const NO_SCOPES: readonly never[] = Object.freeze([]);

/**
 * The ledger of one process, whose answers are there at once. Of a scope with nothing to tell it keeps some hundred bytes
 * until it is forgotten.
 * @param clock milliseconds since the epoch
 */
export function createMemoryLedger(clock: () => number): Ledger {
  return new MemoryLedger(clock);
}

/** See {@link Ledger}. */
class MemoryLedger implements Ledger {
  readonly #accounts = new Map<string, ScopeAccount>();
  /** The scopes for single models, by the key or the organisation that they go with. */
  readonly #ofModels = new Map<string, Set<string>>();
  /** No Map, for the reason of calls/live-calls.ts. */
  readonly #open = Object.create(null) as Record<string, Reservation>;
  readonly #clock: () => number;
  readonly #steady: SteadyClock;
  #day: number;
  #ids: WindowIds;
  #nextCall = 1;

  constructor(clock: () => number) {
    const at = clock();
    this.#clock = clock;
    this.#steady = createSteadyClock(at);
    this.#day = dayNumber(at);
    this.#ids = windowsAt(at);
  }

  reserve(call: string, scopes: readonly Scope[], ask: Ask): Admitted | Refused | UnknownScopes {
    const at = this.#clock();
    const now = this.#steady.elapsed(at);
    const known = this.#open[call];
    if (known !== undefined) return admitted(known.nano, standingOf(known.accounts, now), NO_SCOPES);
    this.#roll(at);
    const accounts = this.#accountsOf(scopes);
    if (accounts === null) return this.#unknown(scopes);
    const refused = refusalOf(scopes, accounts, now, (account) => account.obstacleTo(ask, now, at));
    if (refused !== null) return refused;
    const nano = Math.min(ask.nano ?? 0, allowedIn(accounts));
    const { tokens, isPart } = ask;
    const alerts = takeIn(scopes, accounts, (account) => account.take(nano, tokens, now, isPart));
    this.#open[call] = { scopes, accounts, windows: this.#ids, number: this.#nextCall++, nano, tokens };
    return admitted(nano, standingOf(accounts, now), alerts);
  }

  extend(call: string, ask: Ask, scopes: readonly Scope[] = NO_SCOPES): Extended | Refused | UnknownScopes | NotOpen {
    const open = this.#open[call];
    if (open === undefined) return NOT_OPEN;
    const at = this.#clock();
    const now = this.#steady.elapsed(at);
    this.#roll(at);
    const added = scopes.filter(({ id }) => !open.scopes.some((scope) => scope.id === id));
    const joined = this.#accountsOf(added);
    if (joined === null || !areKnown(open.accounts)) return this.#unknown([...open.scopes, ...added]);
    for (const account of open.accounts) account.money.roll(this.#ids);
    const { accounts } = open;
    const refused =
      refusalOf(open.scopes, accounts, now, (account) => account.obstacleToMoney(ask.leastNano, open.nano, at)) ??
      refusalOf(added, joined, now, (account) => account.obstacleTo(ask, now, at));
    if (refused !== null) return refused;
    const most = Math.min(open.nano + allowedIn(accounts), allowedIn(joined));
    const nano = Math.max(open.nano, Math.min(ask.nano ?? 0, most));
    const tokens = Math.max(open.tokens, ask.tokens);
    const [moreNano, moreTokens] = [nano - open.nano, tokens - open.tokens];
    const alerts = [
      ...takeIn(open.scopes, accounts, (account) => account.takeMore(moreNano, moreTokens, now)),
      ...takeIn(added, joined, (account) => account.take(nano, tokens, now)),
    ];
    if (added.length > 0) {
      open.scopes = [...open.scopes, ...added];
      open.accounts = [...accounts, ...joined];
    }
    open.nano = nano;
    open.tokens = tokens;
    return { outcome: 'extended', nano, standing: standingOf(open.accounts, now), alerts };
  }

  settle(call: string, { nano, tokens, cachedTokens }: Settlement): Settled | NotOpen {
    const open = this.#open[call];
    if (open === undefined) return NOT_OPEN;
    delete this.#open[call];
    this.#roll(this.#clock());
    let overrunNano = 0;
    for (const account of open.accounts) {
      account.money.roll(this.#ids);
      account.leave(open.number, open.tokens, tokens, cachedTokens);
      overrunNano = Math.max(overrunNano, account.money.pay(open.windows, open.nano, nano));
      this.#dropIfUnused(account);
    }
    return { outcome: 'settled', booking: { scopes: open.scopes, windows: open.windows, nano, tokens }, overrunNano };
  }

  read(scopes: readonly string[]): readonly (ScopeReading | null)[] {
    const at = this.#clock();
    const now = this.#steady.elapsed(at);
    this.#roll(at);
    return scopes.map((id) => {
      const account = this.#accounts.get(id);
      account?.money.roll(this.#ids);
      return account?.read(now, at) ?? null;
    });
  }

  change(scope: string, { version, limits, spent }: ScopeTerms): void {
    const at = this.#clock();
    const now = this.#steady.elapsed(at);
    this.#roll(at);
    const owner = ownerOf(scope);
    if (owner !== null) this.#ofModels.set(owner, (this.#ofModels.get(owner) ?? new Set()).add(scope));
    const known = this.#accounts.get(scope);
    if (known !== undefined) {
      known.isForgotten = false;
      known.change(version, limits, now, this.#nextCall);
      if (spent && !known.isSeeded) this.#seed(known, spent);
      return;
    }
    const account = new ScopeAccount(scope, this.#ids, version, limits);
    this.#accounts.set(scope, account);
    if (spent === null) account.isSeeded = false;
    else if (spent) this.#seed(account, spent);
  }

  book(rows: readonly SpendRow[]): void {
    this.#roll(this.#clock());
    for (const row of rows) {
      const account = this.#accounts.get(row.scope);
      account?.money.roll(this.#ids);
      account?.book(row, this.#ids);
    }
  }

  forget(scope: string): void {
    for (const id of [scope, ...(this.#ofModels.get(scope) ?? [])]) {
      const account = this.#accounts.get(id);
      if (account === undefined) continue;
      account.isForgotten = true;
      this.#dropIfUnused(account);
    }
    // Where calls are open they may come to other models: what these make known is dropped with the last call.
    if (!this.#accounts.has(scope)) this.#ofModels.delete(scope);
  }

  #seed(account: ScopeAccount, spent: readonly SpendRow[]): void {
    account.money.roll(this.#ids);
    account.seed(
      spent.filter(({ scope }) => scope === account.id),
      this.#ids,
    );
  }

  /**
   * Windows go on with the clock. One that is set back by less than a day does not bring back a window that is over: what
   * was spent since would be forgotten.
   */
  #roll(at: number): void {
    const day = dayNumber(at);
    if (day === this.#day || day === this.#day - 1) return;
    this.#day = day;
    this.#ids = windowsAt(at);
  }

  /** The accounts, in the windows of now; null when any is unknown. */
  #accountsOf(scopes: readonly Scope[]): readonly ScopeAccount[] | null {
    // Of this very length: a list that grows keeps room for sixteen more, for as long as the call is open.
    const accounts = new Array<ScopeAccount>(scopes.length);
    let filled = 0;
    for (const { id } of scopes) {
      const account = this.#accounts.get(id);
      if (account === undefined || !account.isKnown) return null;
      account.money.roll(this.#ids);
      accounts[filled++] = account;
    }
    return accounts;
  }

  /** One that was dropped while calls were open would be seeded without them. */
  #dropIfUnused({ id, isForgotten, inFlight }: ScopeAccount): void {
    if (!isForgotten || inFlight > 0) return;
    this.#accounts.delete(id);
    for (const ofModel of this.#ofModels.get(id) ?? []) this.#accounts.delete(ofModel);
    this.#ofModels.delete(id);
  }

  #unknown(scopes: readonly Scope[]): UnknownScopes {
    const unknown = scopes.filter(({ id }) => !this.#accounts.get(id)?.isKnown);
    return { outcome: 'unknown', scopes: unknown.map(({ id }) => id) };
  }
}

function areKnown(accounts: readonly ScopeAccount[]): boolean {
  for (const account of accounts) if (!account.isKnown) return false;
  return true;
}

function admitted(nano: number, standing: Standing, alerts: readonly ScopeAlert[]): Admitted {
  return { outcome: 'admitted', nano, standing, alerts };
}
