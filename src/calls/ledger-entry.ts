import type { Governance } from '../limits/governance.ts';
import type { Admitted, Ask, Extended, NotOpen, Refused, ScopeAlert, Settlement } from '../limits/ledger.ts';
import type { Scope } from '../limits/scope.ts';
import type { Booking } from '../limits/spend.ts';
import { type Awaitable, whenThere } from '../protocol/awaitable.ts';
import type { KeyScopes } from './key-scopes.ts';
import type { ScopeBook } from './scope-book.ts';

/** What the line of a call in the ledger needs of the rest of the house. */
export interface LedgerEntryContext {
  readonly governance: Pick<Governance, 'ledger' | 'limitHeaders'>;
  readonly book: ScopeBook;
  /** Is told what there is to say of the money of a scope. */
  alert(alert: ScopeAlert): void;
  /** Is told by how many nano-USD a call has overdrawn a hard budget. */
  overran(nano: number): void;
}

const NO_HEADERS = Object.freeze({});

/** The line of one call in the ledger: what it has taken, and in which scopes. */
export class LedgerEntry {
  nano = 0;
  tokens = 0;
  /** What the ledger said last of what is left; null before it was asked. */
  told: Admitted | Extended | Refused | null = null;
  readonly scopes: KeyScopes;
  readonly #id: string;
  readonly #context: LedgerEntryContext;
  #taken: readonly Scope[] = [];

  /** @param id of the call, that no other open one has */
  constructor(id: string, scopes: KeyScopes, context: LedgerEntryContext) {
    this.#id = id;
    this.scopes = scopes;
    this.#context = context;
  }

  /** What the client is told of the limits. */
  get headers(): Readonly<Record<string, string>> {
    return this.told === null ? NO_HEADERS : this.#context.governance.limitHeaders(this.told);
  }

  /** Takes the ask in all scopes that a call to this model has, or nothing. @throws GatewayError `limits_unavailable` */
  reserve(model: string, ask: Ask): Awaitable<Admitted | Refused> {
    const { governance, book } = this.#context;
    const wanted = this.scopes.of(model);
    return whenThere(governance.ledger.reserve(this.#id, wanted, ask), (answer) => {
      if (answer.outcome === 'unknown')
        return book.introduce(answer.scopes, this.scopes).then(() => this.reserve(model, ask));
      if (answer.outcome === 'admitted') this.#took(answer, ask, wanted);
      this.told = answer;
      return answer;
    });
  }

  /** Whether so much was taken, in all scopes of this model. */
  covers(model: string, { nano, tokens }: Ask): boolean {
    return nano !== null && nano <= this.nano && tokens <= this.tokens && this.#missing(model).length === 0;
  }

  /** Takes what is missing of the ask, or nothing. @throws GatewayError `limits_unavailable` */
  extend(model: string, ask: Ask): Awaitable<Extended | Refused | NotOpen> {
    const { governance, book } = this.#context;
    const missing = this.#missing(model);
    return whenThere(governance.ledger.extend(this.#id, ask, missing), (answer) => {
      if (answer.outcome === 'unknown')
        return book.introduce(answer.scopes, this.scopes).then(() => this.extend(model, ask));
      if (answer.outcome === 'extended') {
        this.#took(answer, ask, [...this.#taken, ...missing]);
        this.told = answer;
      }
      return answer;
    });
  }

  /** Gives back what was taken and books what was spent; null where nothing is open. */
  settle(settlement: Settlement): Awaitable<Booking | null> {
    return whenThere(this.#context.governance.ledger.settle(this.#id, settlement), (settled) => {
      if (settled.outcome === 'not-open') return null;
      if (settled.overrunNano > 0) this.#context.overran(settled.overrunNano);
      return settled.booking;
    });
  }

  #missing(model: string): readonly Scope[] {
    const wanted = this.scopes.of(model);
    return wanted === this.#taken ? [] : wanted.filter(({ id }) => !this.#taken.some((scope) => scope.id === id));
  }

  #took({ nano, alerts }: Admitted | Extended, { tokens }: Ask, scopes: readonly Scope[]): void {
    this.#taken = scopes;
    this.nano = nano;
    this.tokens = Math.max(this.tokens, tokens);
    for (const alert of alerts) this.#context.alert(alert);
  }
}
