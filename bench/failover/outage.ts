import { setTimeout as wait } from 'node:timers/promises';
import { ask, type Result } from './client.ts';
import type { Timing } from './faults.ts';
import { TEXT } from './text.ts';
import type { Verdict } from './verdict.ts';
import type { Wall } from './wall.ts';

/** What a whole outage came to. */
export interface Outage {
  readonly verdict: Verdict;
  readonly notes: string[];
  readonly results: readonly Result[];
}

/** The model fails for a while: calls come one after the other, during it and after it. */
export async function sitOut(wall: Wall, url: string, model: string, timing: Timing): Promise<Outage> {
  const results: Result[] = [];
  const sentAt: number[] = [];
  for (let call = 0; call < timing.outageCalls; call++) {
    await wait(Math.max(0, call * timing.outageEveryMs - wall.elapsed()));
    sentAt.push(wall.elapsed());
    results.push(await ask(url, model, timing.outageCallMs));
  }
  const isLost = ({ outcome, text }: Result): boolean => outcome !== 'answer' || text !== TEXT;
  const wellAgain = wall.attempts('s15').find(({ status }) => status === 200)?.atMs ?? Number.POSITIVE_INFINITY;
  const notes = [
    ...(results.some(({ outcome }) => outcome === 'hang') ? ['a call hangs'] : []),
    ...(results.some((one, call) => isLost(one) && (sentAt[call] ?? 0) < timing.outageMs) ? ['a call is lost'] : []),
    // In the published profile half as long as the outage again.
    ...(wellAgain > timing.outageMs * 1.5 ? ['not: the model is asked again once it is well'] : []),
  ];
  const verdict = notes.length > 0 ? 'FAIL' : results.some(isLost) ? 'SAFE' : 'PASS';
  return { verdict, notes: notes.length > 0 ? notes : [`well again after ${seconds(wellAgain)}`], results };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
