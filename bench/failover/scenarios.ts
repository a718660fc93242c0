import type { Result } from './client.ts';
import { WORDS } from './text.ts';
import type { WallAttempt } from './wall.ts';

/** What one scenario left behind, at the caller and at the wall. */
export interface Run {
  readonly result: Result;
  readonly primary: readonly WallAttempt[];
  readonly fallback: readonly WallAttempt[];
  /** A healthy model still answered afterwards. */
  readonly isAlive: boolean;
}

/** A failed `required` check fails the scenario; a failed `advisory` one leaves a rescued call only partly good. */
export interface Check {
  readonly name: string;
  readonly grade: 'required' | 'advisory';
  holds(run: Run): boolean;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly fallback: string;
  readonly maxMs: number;
  /** What the caller should get: the answer, or, where no other model may be asked, the error. */
  readonly ideal: 'answer' | 'error' | 'interruption';
  readonly checks: readonly Check[];
}

const required = (name: string, holds: Check['holds']): Check => ({ name, grade: 'required', holds });
const advisory = (name: string, holds: Check['holds']): Check => ({ name, grade: 'advisory', holds });

const within = (attempts: readonly WallAttempt[], ms: number): number =>
  attempts.filter(({ atMs }) => atMs < ms).length;
const isTruncated = ({ result }: Run): boolean => result.outcome === 'answer' && wordCount(result) < WORDS.length;
const wordCount = ({ text }: Result): number => text.split(/\s+/).length;

const patient = advisory('asks the same model again', ({ primary }) => primary.length >= 2);
const fewAttempts = required('no more than 6 attempts', ({ primary }) => primary.length <= 6);
const notTruncated = required('half an answer is not passed off as one', (run) => !isTruncated(run));
const alive = required('alive afterwards', ({ isAlive }) => isAlive);
const counted = advisory('usage comes', ({ result }) => result.hasUsage);

/** A scenario with what most of them have in common. */
function scenario(id: string, title: string, parts: Partial<Scenario>): Scenario {
  return { id, title, fallback: 'ok', maxMs: 20_000, ideal: 'answer', checks: [], ...parts };
}

/** The sixteen, in their order; S15 is told by `outage.ts`. */
export const SCENARIOS: readonly Scenario[] = [
  scenario('s01', '429 with Retry-After, once', {
    checks: [
      patient,
      advisory('waits as asked', ({ primary: [first, second] }) => (second?.atMs ?? 0) - (first?.atMs ?? 0) >= 1800),
      required('does not hammer', ({ primary }) => within(primary, 1500) <= 2),
    ],
  }),
  scenario('s02', '429 for good', {
    maxMs: 40_000,
    checks: [required('does not hammer', ({ primary }) => within(primary, 3000) <= 4), fewAttempts],
  }),
  scenario('s03', '500 once', { checks: [patient] }),
  scenario('s04', '503 for good', { maxMs: 40_000, checks: [fewAttempts] }),
  scenario('s05', 'connection reset once', {}),
  scenario('s06', 'no response at all', {
    maxMs: 130_000,
    checks: [
      required('ends within 100 s', ({ result }) => result.wallMs <= 100_000),
      advisory('does not ask the silent model again', ({ primary }) => primary.length <= 1),
    ],
  }),
  scenario('s07', 'slow first token', {
    maxMs: 60_000,
    checks: [advisory('answers within 15 s', ({ result }) => result.wallMs <= 15_000)],
  }),
  scenario('s08', 'stream cut', { maxMs: 40_000, checks: [notTruncated] }),
  scenario('s09', 'stream stalled', {
    maxMs: 70_000,
    checks: [required('ends within 45 s', ({ result }) => result.wallMs <= 45_000), notTruncated, alive],
  }),
  scenario('s10', 'broken chunk', {
    maxMs: 30_000,
    checks: [alive, notTruncated, advisory('complete', (run) => !isTruncated(run))],
  }),
  scenario('s11', 'no [DONE]', {
    maxMs: 30_000,
    checks: [required('ends within 8 s', ({ result }) => result.wallMs <= 8000), counted],
  }),
  scenario('s12', 'context too long', {
    checks: [
      required('no more than 2 attempts', ({ primary }) => primary.length <= 2),
      required('never the same prompt again', ({ primary: [first, second] }) =>
        second === undefined ? true : second.promptChars < (first?.promptChars ?? 0),
      ),
    ],
  }),
  scenario('s13', 'content policy', {
    ideal: 'error',
    checks: [required('asked once', ({ primary }) => primary.length === 1)],
  }),
  scenario('s14', 'stream cut, fallback takes no prefix', {
    fallback: 'ok-no-prefix',
    maxMs: 40_000,
    checks: [
      notTruncated,
      required(
        'a refused prefix is not the end',
        ({ result, fallback }) => result.outcome === 'answer' || fallback.every(({ status }) => status !== 400),
      ),
    ],
  }),
  scenario('s15', 'outage, then well', {}),
  scenario('s16', 'billing of a fallback', {
    maxMs: 40_000,
    checks: [
      required(
        'tells who answered',
        ({ result, fallback }) => fallback.length === 0 || result.model?.startsWith('ok') === true,
      ),
      counted,
      fewAttempts,
    ],
  }),
];

/** Beyond the sixteen: the stream of S08 is cut again, and the fallbacks make its rescue harder. */
export const HARDER: readonly Scenario[] = [
  scenario('cut-1', 'fallback goes on after the prefix', {
    checks: [required('says only the rest', ({ fallback }) => fallback.at(-1)?.lastRole === 'assistant'), counted],
  }),
  scenario('cut-2', 'fallback refuses the prefix', { fallback: 'ok-refuses-prefix', checks: [counted] }),
  scenario('cut-3', 'fallback ignores the prefix', { fallback: 'ok-ignores-prefix', checks: [counted] }),
  scenario('cut-4', 'fallback begins anew', { fallback: 'ok-no-prefix', checks: [counted] }),
  scenario('cut-5', 'fallback has other words', {
    fallback: 'ok-other-words',
    ideal: 'interruption',
    checks: [
      required('the error says so', ({ result }) => result.detail === 'upstream_stream_interrupted'),
      required('no [DONE]', ({ result }) => !result.isDone),
      required('nothing is said twice', ({ result }) => wordCount(result) === 40),
    ],
  }),
];
