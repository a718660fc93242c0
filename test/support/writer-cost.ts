import { ChunkStream } from '../../src/languages/chat/client-stream.ts';
import { type Batch, batchOf, choiceDelta } from '../../src/protocol/delta.ts';
import { cpuMs } from './cpu.ts';
import { createTestWriter } from './responses-writer.ts';

// Prints what a streamed word of a response costs beside one of a chat: a ratio of CPU times.

const WORDS = [' the', ' quick', '\nbrown "fox"', ' jumps ü'];
const BATCHES = Array.from({ length: 2000 }, (_, at) =>
  batchOf([choiceDelta(0, { content: WORDS[at % WORDS.length] ?? '' })]),
);

/** Everything written as bytes, as a socket takes it. */
function write(writer: { push(batch: Batch): string }): number {
  let bytes = 0;
  for (const batch of BATCHES) bytes += Buffer.byteLength(writer.push(batch));
  return bytes;
}

const chat = (): number => write(new ChunkStream({ id: 'chatcmpl-1', created: 1_760_000_000, model: 'm' }, true));
const responses = (): number => write(createTestWriter());
for (const warmUp of [chat, responses, chat, responses]) warmUp();
// In turns, so that both meet the same machine; what else the machine does can only add.
const ratios = Array.from({ length: 5 }, () => cpuMs(responses) / cpuMs(chat));
process.stdout.write(String(Math.min(...ratios)));
