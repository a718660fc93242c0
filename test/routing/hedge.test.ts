import { beforeEach, describe, expect, it } from 'vitest';
import { type Batch, batchOf, choiceDelta } from '../../src/protocol/delta.ts';
import { AttemptError, toFailure } from '../../src/protocol/failure.ts';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';
import { hedged, type RaceAttempt, type RaceContext } from '../../src/routing/hedge.ts';
import { buildTarget } from '../support/targets.ts';

const [A, B] = [buildTarget('a'), buildTarget('b')];
let events: string[];
let call: AbortController;
let pass: () => void;
/** When each target says its first word. */
let words: Record<string, PromiseWithResolvers<void>>;

beforeEach(() => {
  events = [];
  call = new AbortController();
  words = { a: Promise.withResolvers(), b: Promise.withResolvers() };
});

function word(text: string): Batch {
  return batchOf([choiceDelta(0, { content: text })]);
}

/** Says two words, unless it is aborted before the first; records how it ended. */
async function speak(name: string, { signal, onBatch }: RaceAttempt): Promise<void> {
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
  try {
    await Promise.race([words[name]?.promise, aborted]);
    onBatch(word(`${name}1`));
    await settle();
    signal.throwIfAborted();
    onBatch(word(`${name}2`));
    events.push(`${name} ended`);
  } catch (error) {
    events.push(`${name} ${error instanceof AttemptError ? error.failure.kind : error}`);
    throw error;
  } finally {
    events.push(`${name} closed`);
  }
}

/** The text received in a race in which time passes when the test says so. */
async function race(hasBackup = true): Promise<string> {
  const late = Promise.withResolvers<void>();
  pass = () => late.resolve();
  let text = '';
  const parts: RaceContext = {
    signal: call.signal,
    sleep: (ms) => {
      expect(ms).toBe(40);
      return late.promise;
    },
    ask: ({ id }, attempt) => speak(id, attempt),
    backupAnswers: () => undefined,
    failover: {
      hedge: () => (hasBackup ? B : null),
      backupWon: (failure) => events.push(`backup won: ${failure?.kind ?? 'lost'}`),
      primaryWon: (failure) => events.push(`primary won: ${failure?.kind ?? 'lost'}`),
    },
    onBatch: (batch) => {
      for (const delta of batch.deltas) if (delta.type === 'choice') text += delta.delta.content;
      return undefined;
    },
  };
  await hedged(A, 40, parts);
  return text;
}

function say(name: string): void {
  words[name]?.resolve();
}

function failNow(name: string, kind: FailureKind): void {
  words[name]?.reject(new AttemptError(toFailure(kind, 'x')));
}

/** Long enough for everything that waits for nothing. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a hedge race', () => {
  it('does not start when the first token comes in time', async () => {
    const received = race();
    say('a');
    expect(await received).toBe('a1a2');
    expect(events).toEqual(['a ended', 'a closed']);
  });

  it('does not start without a backup target', async () => {
    const received = race(false);
    pass();
    await settle();
    say('a');
    expect(await received).toBe('a1a2');
  });

  it('is won by the backup when it has the first token, and the loser is aborted before the answer is over', async () => {
    const received = race();
    pass();
    await settle();
    say('b');
    expect(await received).toBe('b1b2');
    expect(events).toEqual(['backup won: lost', 'a lost-race', 'a closed', 'b ended', 'b closed']);
  });

  it('has one winner when both have a first token in the same moment', async () => {
    const received = race();
    pass();
    await settle();
    say('b');
    say('a');
    expect(await received).toBe('b1b2');
    expect(events).toContain('a lost-race');
    expect(events).toContain('a closed');
  });

  it('is won by the remaining one when the other has failed', async () => {
    const received = race();
    pass();
    await settle();
    failNow('a', 'server');
    await settle();
    say('b');
    expect(await received).toBe('b1b2');
    expect(events).toContain('backup won: server');
  });

  it('leaves the primary alone when the backup cannot take the request', async () => {
    const received = race();
    pass();
    await settle();
    failNow('b', 'invalid-request');
    await settle();
    say('a');
    expect(await received).toBe('a1a2');
    expect(events).toContain('primary won: invalid-request');
  });

  it('is over when the primary fails by the request itself (4xx)', async () => {
    const received = race();
    pass();
    await settle();
    failNow('a', 'content-policy');
    await expect(received).rejects.toMatchObject({ failure: { kind: 'content-policy' } });
    expect(events).toEqual(['a content-policy', 'a closed', 'primary won: lost', 'b lost-race', 'b closed']);
  });

  it('ends for both with the abort reason of the call', async () => {
    const received = race();
    pass();
    await settle();
    call.abort('cancelled');
    await expect(received).rejects.toBe('cancelled');
    expect(events).toEqual(expect.arrayContaining(['a cancelled', 'a closed', 'b cancelled', 'b closed']));
  });
});
