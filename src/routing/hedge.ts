import type { OnBatch } from '../protocol/delta.ts';
import { AttemptError, type Failure, toFailure } from '../protocol/failure.ts';
import type { Failover } from './failover.ts';
import { nextAfter } from './retry.ts';
import type { Target } from './target.ts';

/** How a target is asked. */
export interface Manner {
  /** Aborts this attempt alone. */
  readonly signal: AbortSignal;
  readonly isHedge?: boolean;
  readonly onBatch: OnBatch;
}

/** What a race needs of its call. */
export interface RaceContext {
  readonly route: Pick<Failover, 'hedge' | 'backupWon' | 'primaryWon'>;
  /** Aborts the call. */
  readonly signal: AbortSignal;
  /** Runs an attempt to its end. */
  ask(target: Target, manner: Manner): Promise<void>;
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
  const race = createRace(context);
  const first = race.enter(target, false);
  const second = (await isLate(first, lateAfterMs, context)) ? context.route.hedge() : null;
  if (second === null) return first.ended;
  const backup = race.enter(second, true);
  const { winner, loser } = await race.decide(first, backup);
  try {
    await winner.ended;
  } finally {
    // With its end it is known what it spent.
    await loser.ended.catch(() => undefined);
  }
}

interface Entrant {
  readonly isHedge: boolean;
  readonly controller: AbortController;
  /** With its first word, or with its end. */
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
}

interface Race {
  /** Starts a runner: the first, then its rival. */
  enter(target: Target, isHedge: boolean): Entrant;
  /** Resolves with the winner, when the other has been told to stop. */
  decide(first: Entrant, backup: Entrant): Promise<{ readonly winner: Entrant; readonly loser: Entrant }>;
}

/** Who answers: the first to speak, or the one that is left when the other has failed. */
function createRace({ route, signal, ask, onBatch }: RaceContext): Race {
  const decided = Promise.withResolvers<boolean>();
  let entrants: readonly Entrant[] = [];
  let isHedgeSpeaking: boolean | null = null;

  /** @param failure why the other one is out, where it was not just slower */
  const decide = (isHedgeWinner: boolean, failure: Failure | null): void => {
    isHedgeSpeaking = isHedgeWinner;
    decided.resolve(isHedgeWinner);
    if (isHedgeWinner) route.backupWon(failure);
    else route.primaryWon(failure);
    const loser = entrants.find(({ isHedge }) => isHedge !== isHedgeWinner);
    loser?.controller.abort(new AttemptError(toFailure('lost-race', 'Another target spoke first.')));
  };
  const spoke = (isHedge: boolean): void => {
    isHedgeSpeaking = isHedge;
    if (entrants.length > 1) decide(isHedge, null);
  };
  const failed = ({ isHedge }: Entrant, error: unknown): void => {
    if (isHedgeSpeaking !== null) return;
    const failure = error instanceof AttemptError ? error.failure : null;
    // What the first finds wrong with the request is the answer; that a rival cannot take it means nothing.
    const isOut = failure !== null && (isHedge || nextAfter(failure) !== 'no');
    decide(isHedge !== isOut, isOut ? failure : null);
  };
  return {
    enter(target, isHedge) {
      const controller = new AbortController();
      const begun = Promise.withResolvers<void>();
      const deliverIfFirst: OnBatch = (batch) => {
        if (isHedgeSpeaking === null) spoke(isHedge);
        begun.resolve();
        return isHedgeSpeaking === isHedge ? onBatch(batch) : undefined;
      };
      const own = AbortSignal.any([signal, controller.signal]);
      const ended = ask(target, { signal: own, isHedge, onBatch: deliverIfFirst });
      ended.then(begun.resolve, () => begun.resolve());
      return { isHedge, controller, begun: begun.promise, ended };
    },
    async decide(first, backup) {
      entrants = [first, backup];
      if (isHedgeSpeaking !== null) decide(isHedgeSpeaking, null);
      for (const entrant of entrants) entrant.ended.catch((error: unknown) => failed(entrant, error));
      const [winner, loser] = (await decided.promise) ? [backup, first] : [first, backup];
      return { winner, loser };
    },
  };
}

async function isLate({ begun }: Entrant, afterMs: number, { sleep, signal }: RaceContext): Promise<boolean> {
  const waiting = new AbortController();
  const hedgeDelay = sleep(afterMs, AbortSignal.any([signal, waiting.signal]));
  const isOver = (): boolean => false;
  const late = await Promise.race([begun.then(isOver), hedgeDelay.then(() => true, isOver)]);
  waiting.abort();
  return late;
}
