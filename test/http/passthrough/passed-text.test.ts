import { describe, expect, it } from 'vitest';
import { PassedText } from '../../../src/http/passthrough/passed-text.ts';
import { estimateTokens } from '../../../src/protocol/estimate.ts';

const WORDS = ['Grüße, ', 'an all ', 'of you.'];
const STREAM = `: hello\n\n${WORDS.map((text) => `data: ${JSON.stringify({ choices: [{ text }, { index: 1 }] })}\n\n`).join('')}data: [DONE]\n\n`;

describe('the text of a stream that passes', () => {
  it.each([1, 3, 64, 10_000])('is estimated as it passes, in pieces of %i bytes', (size) => {
    const text = new PassedText();
    const bytes = Buffer.from(STREAM);
    let tokens = 0;
    for (let at = 0; at < bytes.length; at += size) tokens = text.add(bytes.subarray(at, at + size));
    expect(tokens).toBe(estimateTokens(WORDS.join('')));
  });

  it.each([
    ['data: {}\n\n', true],
    ['data: {}\r\n\r\n', true],
    ['data: {}\n', false],
    ['data: {}', false],
    ['\n', false],
  ])('knows whether another event may follow: %j', (stream, isBetween) => {
    const [whole, inBytes] = [new PassedText(), new PassedText()];
    whole.add(Buffer.from(stream));
    for (const byte of Buffer.from(stream)) inBytes.add(Buffer.of(byte));
    expect([whole.isBetweenEvents, inBytes.isBetweenEvents]).toEqual([isBetween, isBetween]);
  });

  it('is nothing in what is no event, and no reason to stop', () => {
    const text = new PassedText();
    expect([text.add(Buffer.from('data: no json\n\n')), text.add(Buffer.from('data: {"choices":7}\n\n'))]).toEqual([
      0, 0,
    ]);
  });
});
