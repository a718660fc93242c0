import type { Counts, Reading } from './reading.ts';
import { type Point, slopeOf } from './slope.ts';
import type { Standing } from './standing.ts';

/** One thing that has to come back to where it began. */
export interface Row {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** How far it may be off, and why. */
  readonly tolerated: string;
  readonly isGood: boolean;
}

/** Memory is compared within bounds, everything that can be counted to the letter. */
export function compare(before: Standing, after: Standing): Row[] {
  const [from, to] = [before.reading, after.reading];
  return [
    ...(Object.keys(MEMORY) as Memory[]).map((key) => {
      const { what, mb, why } = MEMORY[key];
      const isGood = to[key] - from[key] <= mb;
      return { what, before: toMb(from[key]), after: toMb(to[key]), tolerated: `+${mb} MB: ${why}`, isGood };
    }),
    ...compareCounts('active', from.resources, to.resources),
    ...compareCounts('in the heap:', from.objects, to.objects),
    ...compareCounts('open files:', from.descriptors, to.descriptors),
    ...compareCounts('', before.unusedFields, after.unusedFields),
  ];
}

/**
 * What grows with each call shows as a slope of the heap, however small it is. Over the whole run it may come to no more
 * than what memory may be off: so a longer run sees smaller leaks. Resident memory swings too much for a slope.
 */
export function judgeSlope(points: readonly Point[]): Row {
  const { what, mb } = MEMORY.heapMb;
  const tolerated = (mb / (points.at(-1)?.calls ?? 1)) * 100_000;
  const slope = slopeOf(points);
  return {
    what: `growth: ${what}, MB per 100,000 calls`,
    before: '',
    after: slope.toFixed(2),
    tolerated: `+${tolerated.toFixed(2)}: noise of ${mb} MB in all`,
    isGood: slope <= tolerated,
  };
}

/** Every call that reached the gateway is on record once, with its outcome. */
export function compareRecords(expected: Counts, recorded: Counts): Row[] {
  return namesOf(expected, recorded).map((outcome) => {
    const [made = 0, found = 0] = [expected[outcome], recorded[outcome]];
    const what = `usage records: ${outcome}`;
    return { what, before: `${made} made`, after: `${found} recorded`, tolerated: '0', isGood: made === found };
  });
}

type Memory = 'heapMb' | 'externalMb' | 'buffersMb' | 'rssMb';

/** How far each may be off, and why. */
const MEMORY: Readonly<Record<Memory, { what: string; mb: number; why: string }>> = {
  heapMb: { what: 'heap in use', mb: 2, why: 'code compiled for what is used often' },
  externalMb: { what: 'memory held outside of the heap', mb: 1, why: "Node's pools of buffers" },
  buffersMb: { what: 'of this, buffers', mb: 1, why: "Node's pools of buffers" },
  rssMb: { what: 'resident memory', mb: 64, why: 'the allocator keeps the pages of busy moments' },
};

function compareCounts(prefix: string, from: Counts, to: Counts): Row[] {
  return namesOf(from, to).map((name) => {
    const [before = 0, after = 0] = [from[name], to[name]];
    return {
      what: `${prefix} ${name}`.trim(),
      before: String(before),
      after: String(after),
      tolerated: '0',
      isGood: after <= before,
    };
  });
}

function namesOf(...counts: readonly Counts[]): string[] {
  return [...new Set(counts.flatMap((one) => Object.keys(one)))].sort();
}

function toMb(mb: Reading[Memory]): string {
  return `${mb.toFixed(1)} MB`;
}
