import type { OnBatch } from '../protocol/delta.ts';
import { AttemptError, type Failure, toFailure } from '../protocol/failure.ts';
import type { Failover } from './failover.ts';
import { type Entrant, nextRaceState, type RaceEvent, type RaceState, speakerOf } from './race.ts';
import { nextAfter } from './retry.ts';
import type { Target } from './target.ts';

/** How a target is asked in a race. */
export interface RaceAttempt {
  /** Aborts this attempt alone. */
  readonly signal: AbortSignal;
  readonly isHedge: boolean;
  readonly onBatch: OnBatch;
}

/** What a race needs of its call. */
export interface RaceContext {
  readonly failover: Pick<Failover, 'hedge' | 'backupWon' | 'primaryWon'>;
  /** Aborts the call. */
  readonly signal: AbortSignal;
  /** Runs an attempt to its end. */
  ask(target: Target, attempt: RaceAttempt): Promise<void>;
  /** Called before the backup's first batch: the answer is that of the second attempt. */
  backupAnswers(): void;
  /** Waits; rejects as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  readonly onBatch: OnBatch;
}

/**
 * Asks a target and, when it is late with its first token, a second one beside it. The first to speak answers, and the
 * other is aborted at once.
 * @throws what the attempt throws that answers
 */
export async function hedged(target: Target, lateAfterMs: number, context: RaceContext): Promise<void> {
  const race = new Race(context);
  const primary = race.start('primary', target);
  const backupTarget = (await isLate(primary, lateAfterMs, context)) ? context.failover.hedge() : null;
  if (backupTarget === null) return primary.ended;
  const backup = race.start('backup', backupTarget);
  race.apply('backup-started', null);
  const isBackup = (await race.winner(primary, backup)) === 'backup';
  const [winner, loser] = isBackup ? [backup, primary] : [primary, backup];
  try {
    await winner.ended;
  } finally {
    // With its end it is known what it spent.
    await loser.ended.catch(() => undefined);
  }
}

interface EntrantRun {
  /** With its first word, or with its end. */
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
}

/** Carries out what the table of `race.ts` says: who is heard, who is aborted, what the failover learns. */
class Race {
  readonly #context: RaceContext;
  readonly #decided = Promise.withResolvers<Entrant>();
  readonly #controllers = new Map<Entrant, AbortController>();
  #state: RaceState = 'primary-alone';

  constructor(context: RaceContext) {
    this.#context = context;
  }

  start(entrant: Entrant, target: Target): EntrantRun {
    const controller = new AbortController();
    this.#controllers.set(entrant, controller);
    const begun = Promise.withResolvers<void>();
    const spoke = `${entrant}-spoke` as const;
    const onBatch: OnBatch = (batch) => {
      this.apply(spoke, null);
      begun.resolve();
      return speakerOf(this.#state) === entrant ? this.#context.onBatch(batch) : undefined;
    };
    const signal = AbortSignal.any([this.#context.signal, controller.signal]);
    const ended = this.#context.ask(target, { signal, isHedge: entrant === 'backup', onBatch });
    ended.then(begun.resolve, () => begun.resolve());
    return { begun: begun.promise, ended };
  }

  /** @param failure why an entrant is out, where it was not just slower */
  apply(event: RaceEvent, failure: Failure | null): void {
    const before = this.#state;
    this.#state = nextRaceState(before, event);
    if (this.#state === before || (this.#state !== 'primary-won' && this.#state !== 'backup-won')) return;
    const isBackup = this.#state === 'backup-won';
    if (isBackup) {
      this.#context.backupAnswers();
      this.#context.failover.backupWon(failure);
    } else this.#context.failover.primaryWon(failure);
    const lost = new AttemptError(toFailure('lost-race', 'Another target spoke first.'));
    this.#controllers.get(isBackup ? 'primary' : 'backup')?.abort(lost);
    this.#decided.resolve(isBackup ? 'backup' : 'primary');
  }

  /** Resolves when it is decided who answers, and the other has been told to stop. */
  winner(primary: EntrantRun, backup: EntrantRun): Promise<Entrant> {
    primary.ended.catch((error: unknown) => this.#failed('primary', error));
    backup.ended.catch((error: unknown) => this.#failed('backup', error));
    return this.#decided.promise;
  }

  #failed(entrant: Entrant, error: unknown): void {
    const failure = error instanceof AttemptError ? error.failure : null;
    // What the primary finds wrong with the request is the answer; that a backup cannot take it means nothing.
    const isOut = failure !== null && (entrant === 'backup' || nextAfter(failure) !== 'no');
    this.apply(`${entrant}-${isOut ? 'out' : 'final'}`, isOut ? failure : null);
  }
}

async function isLate({ begun }: EntrantRun, afterMs: number, { sleep, signal }: RaceContext): Promise<boolean> {
  const waiting = new AbortController();
  const hedgeDelay = sleep(afterMs, AbortSignal.any([signal, waiting.signal]));
  const isOver = (): boolean => false;
  const late = await Promise.race([begun.then(isOver), hedgeDelay.then(() => true, isOver)]);
  waiting.abort();
  return late;
}
