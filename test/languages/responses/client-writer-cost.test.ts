import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Batch, batchOf, type ChunkDelta, choiceDelta } from '../../../src/protocol/delta.ts';
import { growthOf } from '../../support/cpu.ts';
import { createTestWriter } from '../../support/responses-writer.ts';

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
  it('is at most 1.25 times a chat, word by word', async () => {
    // In a process of its own: where coverage is counted, V8 compiles less.
    const { stdout } = await promisify(execFile)(process.execPath, ['test/support/writer-cost.ts']);
    expect(Number(stdout)).toBeGreaterThan(0);
    expect(Number(stdout)).toBeLessThan(1.25);
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
    [
      'code and words in turns',
      (at) => (at % 2 === 0 ? { content: 'word' } : { code_runs: [{ index: at, code: 'a', output: 'b' }] }),
    ],
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
