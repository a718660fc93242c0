import type { Agent } from 'undici';
import { createChance } from '../../lab/chance.ts';
import { createCaller, createClient } from './client.ts';
import type { Kind } from './kind.ts';

/** What came of the calls of one kind. */
export interface Tally {
  expected: number;
  unexpected: number;
}

/** Sends calls, and keeps count. */
export interface Traffic {
  /** By the names of the kinds. */
  readonly tallies: ReadonlyMap<string, Tally>;
  /** The first few things that should not have happened. */
  readonly surprises: readonly string[];
  /** Calls of all kinds so far. */
  readonly calls: number;
  /** One call of each of these, 64 at a time, over connections of their own. */
  send(kinds: Iterable<Kind>): Promise<void>;
  /** So many calls of a mix, the same one every time. */
  mix(kinds: readonly Kind[], count: number): Promise<void>;
}

const CONCURRENCY = 64;
const MAX_SURPRISES = 10;

export function createTraffic(url: string, seed: number): Traffic {
  const tallies = new Map<string, Tally>();
  const surprises: string[] = [];
  const random = createChance(seed);
  let calls = 0;

  const one = async (kind: Kind, client: Agent): Promise<void> => {
    const tally = tallies.get(kind.name) ?? { expected: 0, unexpected: 0 };
    tallies.set(kind.name, tally);
    calls++;
    try {
      await kind.run(createCaller(url, `soak-${calls}`, client));
      tally.expected++;
    } catch (error) {
      tally.unexpected++;
      const what = error instanceof Error ? error.message : String(error);
      if (surprises.length < MAX_SURPRISES) surprises.push(`${kind.name}: ${what.replace(/\s+/g, ' ')}`);
    }
  };
  const send = async (kinds: Iterable<Kind>): Promise<void> => {
    const client = createClient();
    const queue = kinds[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      for (let next = queue.next(); !next.done; next = queue.next()) await one(next.value, client);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    await client.destroy();
  };
  return {
    tallies,
    surprises,
    get calls() {
      return calls;
    },
    send,
    mix: (kinds, count) => send(draw(kinds, count, random)),
  };
}

function* draw(kinds: readonly Kind[], count: number, random: () => number): Generator<Kind> {
  const total = kinds.reduce((sum, { share }) => sum + share, 0);
  for (let drawn = 0; drawn < count; drawn++) {
    let at = random() * total;
    const kind = kinds.find(({ share }) => {
      at -= share;
      return at < 0;
    });
    if (kind) yield kind;
  }
}
