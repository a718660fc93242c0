import { percentile, plainCalls, streamBody, streams } from '../load.ts';
import { readWholeStreams, type StreamTiming } from '../paced-streams.ts';
import { NAMES, type Name, type Subject } from './candidate.ts';
import { median, medianRatio, sorted } from './figures.ts';
import { CONCURRENT_STREAMS, type Ground, PACE_MS, type Size, STAGGER_MS } from './settings.ts';
import { type Goal, judged, toFigure, toTable } from './table.ts';

interface Work {
  readonly name: string;
  /** Calls or chunks in a round. */
  readonly units: number;
  readonly rounds: number;
  readonly goals: { readonly bare: Goal; readonly nginx: Goal; readonly portkey: Goal };
  /** Whether the readers' view of it is shown, beside that of readers without a server between. */
  readonly isRead?: boolean;
  run(subject: Subject): Promise<readonly StreamTiming[]>;
}

interface Round {
  readonly cpuUs: number;
  readonly timings: readonly StreamTiming[];
}
type Rounds = ReadonlyMap<Subject['name'], readonly Round[]>;

/** CPU of a plain call and of a streamed chunk, and what the readers of the paced streams saw. */
export async function measureCost(ground: Ground): Promise<string> {
  const works = worksOf(ground.size).map((work) => ({ work, rounds: new Map<Subject['name'], Round[]>() }));
  for (let process = 1; process <= ground.size.processes; process++) {
    if (process > 1) await ground.renew();
    for (const { work, rounds } of works) await measure(work, ground, rounds);
  }
  const rows = works.map(({ work, rounds }) => toCostRow(work, rounds));
  const paced = works.find(({ work }) => work.isRead)?.rounds ?? new Map();
  const head = ['CPU µs', ...NAMES, 'sluice / bare', 'sluice / nginx', 'portkey / sluice'];
  return toTable(head, rows) + toReaderTable(paced);
}

function worksOf(size: Size): readonly Work[] {
  const { rounds, plainRounds, pacedRounds, plainCalls: calls, pacedWords, burstStreams } = size;
  const none = { bare: {}, nginx: {}, portkey: {} };
  const pacedGoals = { bare: { atMost: 1 }, nginx: { atMost: 2.5 }, portkey: {} };
  const paced = (name: string, model: string): Work => ({
    name: `${name}, paced ${PACE_MS} ms, ${CONCURRENT_STREAMS} streams: chunk`,
    units: CONCURRENT_STREAMS * pacedWords,
    rounds: pacedRounds,
    goals: pacedGoals,
    run: (subject) => readPaced(subject, model, pacedWords),
  });
  const burst = (name: string, model: string): Work => ({
    name: `${name}, all at once: chunk`,
    units: burstStreams * 100,
    rounds,
    goals: none,
    run: async (subject) => {
      await streams(subject.server.url, model, burstStreams, 8, headersFor(subject, model));
      return [];
    },
  });
  return [
    {
      name: 'plain call, 8 at once',
      units: calls,
      rounds: plainRounds,
      goals: { bare: { atMost: 1.3 }, nginx: {}, portkey: { atLeast: 3 } },
      run: async ({ server, headers }) => {
        await plainCalls(server.url, 'bench', calls, 8, headers);
        return [];
      },
    },
    { ...paced('OpenAI', 'bench'), isRead: true },
    paced('Gemini', 'bench-gemini'),
    burst('OpenAI', 'bench-burst'),
    burst('Gemini', 'bench-gemini-burst'),
  ];
}

function headersFor(subject: Subject, model: string): Subject['headers'] {
  return model.includes('gemini') ? subject.geminiHeaders : subject.headers;
}

/** The paced streams that all are asked for, staggered. */
export function readPaced(subject: Subject, model: string, words: number): Promise<readonly StreamTiming[]> {
  return readWholeStreams({
    url: subject.server.url,
    headers: headersFor(subject, model),
    body: streamBody(model, words),
    count: CONCURRENT_STREAMS,
    staggerMs: STAGGER_MS,
  });
}

/** Adds the rounds of the running processes. */
async function measure(
  work: Work,
  { subjects, direct, progress }: Ground,
  rounds: Map<Subject['name'], Round[]>,
): Promise<void> {
  const all = work.isRead ? [direct, ...subjects] : subjects;
  for (let round = 1; round <= work.rounds; round++) {
    progress(`${work.name}, round ${round} of ${work.rounds}`);
    // Forth and back, so that each comes after both of its neighbours: what one leaves in the caches, the next one pays.
    for (const subject of round % 2 === 0 ? all.toReversed() : all) {
      const before = subject.server.cpuSeconds();
      const timings = await work.run(subject);
      const cpuUs = ((subject.server.cpuSeconds() - before) * 1e6) / work.units;
      rounds.set(subject.name, [...(rounds.get(subject.name) ?? []), { cpuUs, timings }]);
    }
  }
}

function toCostRow({ name, goals }: Work, rounds: Rounds): string[] {
  const cpuUs = (server: Name): readonly number[] => (rounds.get(server) ?? []).map((round) => round.cpuUs);
  return [
    name,
    ...NAMES.map((server) => toFigure(median(cpuUs(server)), 1)),
    judged(medianRatio(cpuUs('sluice'), cpuUs('bare')), 2, goals.bare),
    judged(medianRatio(cpuUs('sluice'), cpuUs('nginx')), 2, goals.nginx),
    judged(medianRatio(cpuUs('portkey'), cpuUs('sluice')), 2, goals.portkey),
  ];
}

function toReaderTable(rounds: Rounds): string {
  const medianAt = (name: Subject['name'], pick: (timing: StreamTiming) => readonly number[], share: number): number =>
    median((rounds.get(name) ?? []).map(({ timings }) => percentile(sorted(timings.flatMap(pick)), share)));
  const first = ({ firstEventMs }: StreamTiming): readonly number[] => [firstEventMs];
  const gaps = ({ gapsMs }: StreamTiming): readonly number[] => gapsMs;
  const goal = { atMost: medianAt('bare', first, 0.99) + 2 };
  const rows = (['direct', ...NAMES] as const).map((name) => [
    name,
    toFigure(medianAt(name, first, 0.5), 2),
    judged(medianAt(name, first, 0.99), 2, name === 'sluice' ? goal : {}),
    ...[0.5, 0.99, 1].map((share) => toFigure(medianAt(name, gaps, share), 1)),
  ]);
  const head = [
    `${CONCURRENT_STREAMS} OpenAI streams, ms`,
    'first token p50',
    'p99',
    `gap p50 (sent every ${PACE_MS})`,
    'p99',
    'longest',
  ];
  return toTable(head, rows);
}
