import type { Server } from '../../lab/server-process.ts';
import type { Cores } from '../pinning.ts';
import type { Candidate, Name, Subject } from './candidate.ts';

/** How much is measured. */
export interface Size {
  /** Of each server, one after the other: one process is up to a tenth cheaper or dearer than the next, for its life. */
  readonly processes: number;
  /** Of each process. */
  readonly rounds: number;
  /** Many short ones: the machine is a quarter faster or slower from one second to the next. */
  readonly plainRounds: number;
  readonly pacedRounds: number;
  readonly warmUpRounds: number;
  /** In each round of the warm-up; the streams in each language, and the words of its paced ones. */
  readonly warmUpCalls: number;
  readonly warmUpStreams: number;
  readonly warmUpWords: number;
  readonly plainCalls: number;
  /** Of each stream. In a short answer its start would count for a good part of each chunk. */
  readonly pacedWords: number;
  readonly burstStreams: number;
  readonly latencyRounds: number;
  readonly rateSeconds: number;
}

export const FULL: Size = {
  processes: 2,
  rounds: 3,
  plainRounds: 8,
  pacedRounds: 4,
  warmUpRounds: 6,
  warmUpCalls: 6000,
  warmUpStreams: 600,
  warmUpWords: 60,
  plainCalls: 1000,
  pacedWords: 150,
  burstStreams: 200,
  latencyRounds: 5,
  rateSeconds: 2,
};

export const QUICK: Size = {
  processes: 1,
  rounds: 3,
  plainRounds: 9,
  pacedRounds: 3,
  warmUpRounds: 2,
  warmUpCalls: 2000,
  warmUpStreams: 100,
  warmUpWords: 40,
  plainCalls: 500,
  pacedWords: 40,
  burstStreams: 60,
  latencyRounds: 3,
  rateSeconds: 1,
};

/** What all parts of the bench measure with. */
export interface Ground {
  readonly size: Size;
  readonly cores: Cores | null;
  readonly upstream: Server;
  /** The upstream with nothing between. */
  readonly direct: Subject;
  readonly candidates: ReadonlyMap<Name, Candidate>;
  /** The running ones, warmed up, in the order of the columns. */
  readonly subjects: readonly Subject[];
  /** Puts fresh processes in place of them. */
  renew(): Promise<void>;
  progress(text: string): void;
}

/** Milliseconds between two words of a paced stream: 50 tokens a second. */
export const PACE_MS = 20;
/** How many paced streams run at once where their number is not the question. */
export const CONCURRENT_STREAMS = 50;
/** Start to start; no multiple of the pace, so that the streams do not speak in step. */
export const STAGGER_MS = 7;
