import { expect, it } from 'vitest';
import { ChatReader } from '../../src/languages/chat/upstream-reader.ts';
import { StreamParser } from '../../src/upstream/stream-parser.ts';
import { chatChunk } from '../support/chat-answers.ts';

const EVENTS = [chatChunk('The'), chatChunk(' sea'), 'data: [DONE]\n\n', chatChunk(' too late')];
const BODY = Buffer.from(EVENTS.join(''));

function parse(pieceBytes: number, keepsEvents: boolean) {
  const parser = new StreamParser(Object.assign(new ChatReader(() => 'id'), { keepsEvents }));
  let text = '';
  const native: string[] = [];
  for (let at = 0; at < BODY.length; at += pieceBytes) {
    const batch = parser.read(BODY.subarray(at, at + pieceBytes));
    for (const delta of batch.deltas) if (delta.type === 'choice') text += delta.delta.content ?? '';
    native.push(...(batch.native ?? []));
  }
  return { text, native };
}

it.each([1, 7, 100, BODY.length])(
  'events go with what was read of them, cut at %i bytes, and none after the end',
  (size) => {
    const { text, native } = parse(size, true);
    expect(text).toBe('The sea');
    expect(native.map((event) => `data: ${event}\n\n`)).toEqual(EVENTS.slice(0, 3));
  },
);

it('no event goes along where clients do not speak the language of the provider', () => {
  expect(parse(100, false)).toEqual({ text: 'The sea', native: [] });
});
