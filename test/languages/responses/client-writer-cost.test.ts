import { describe, expect, it } from 'vitest';
import { ChunkStream } from '../../../src/languages/chat/client-stream.ts';
import { type Batch, batchOf, type ChunkDelta, choiceDelta } from '../../../src/protocol/delta.ts';
import { cpuMs, growthOf } from '../../support/cpu.ts';
import { IDENTITY } from '../../support/replay.ts';
import { createTestWriter } from '../../support/responses.ts';

const WORDS = [' the', ' quick', '\nbrown "fox"', ' jumps ü'];

function batchesOf(size: number, deltaOf: (at: number) => ChunkDelta): readonly Batch[] {
  return Array.from({ length: size }, (_, at) => batchOf([choiceDelta(0, deltaOf(at))]));
}

/** Everything written as bytes, as a socket takes it. */
function write(writer: { push(batch: Batch): string }, batches: readonly Batch[]): number {
  let bytes = 0;
  for (const batch of batches) bytes += Buffer.byteLength(writer.push(batch));
  return bytes;
}

describe('what a streamed answer costs', () => {
  it('is at most 1.25 times a chat, word by word', () => {
    const batches = batchesOf(2000, (at) => ({ content: WORDS[at % WORDS.length] ?? '' }));
    const chat = () => write(new ChunkStream(IDENTITY, true), batches);
    const responses = () => write(createTestWriter(), batches);
    // In turns, so that both meet the same machine.
    const ratios = Array.from({ length: 3 }, () => cpuMs(responses) / cpuMs(chat));
    expect(Math.min(...ratios)).toBeLessThan(1.25);
  });

  it.each<[string, (at: number) => ChunkDelta]>([
    ['words', () => ({ content: 'word' })],
    ['calls', (at) => ({ tool_calls: [{ index: at, id: `c${at}`, function: { name: 'f', arguments: '{}' } }] })],
    [
      'words and calls in turns',
      (at) =>
        at % 2 === 0
          ? { content: 'word' }
          : { tool_calls: [{ index: at, id: `c${at}`, function: { name: 'f', arguments: '{}' } }] },
    ],
    ['thoughts and words in turns', (at) => (at % 2 === 0 ? { content: 'word' } : { reasoning_content: 'thought' })],
  ])('grows with its %s', (_what, deltaOf) => {
    const workOf = (size: number) => {
      const batches = batchesOf(size, deltaOf);
      return () => {
        const writer = createTestWriter();
        write(writer, batches);
        writer.push(batchOf([choiceDelta(0, {}, 'stop')]));
        return writer.end();
      };
    };
    expect(growthOf(workOf, 500)).toBeLessThan(20);
  });
});
