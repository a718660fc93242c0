import { describe, expect, it } from 'vitest';
import { choiceDelta, type Delta, toUsage } from '../../src/protocol/delta.ts';
import { GatewayError } from '../../src/protocol/errors.ts';
import { type Splice, spliceContinuation, spliceRestart, spliceSeam } from '../../src/routing/splice.ts';
import { growthOf } from '../support/cpu.ts';

const SENT = 'The sea ';

/** What the client is sent in addition, of an answer that comes in these pieces. */
function newText(splice: Splice, ...pieces: readonly string[]): string {
  const batches = [...pieces.map((content) => [choiceDelta(0, { content })]), [choiceDelta(0, {}, 'stop')]];
  return batches
    .flatMap((batch) => splice(batch))
    .map((delta) => (delta.type === 'choice' ? (delta.delta.content ?? '') : ''))
    .join('');
}

describe('spliceRestart: an answer that is asked for anew (rescue: exact)', () => {
  it.each([[['The sea is calm']], [['T', 'he', ' sea', ' is', ' calm']], [['', 'The sea ', 'is calm']]])(
    'leaves out the text that was already sent: %o',
    (pieces) => {
      expect(newText(spliceRestart(SENT), ...pieces)).toBe('is calm');
    },
  );

  it.each([[['A sea']], [['The sea', ' ', 'is'].reverse()], [['The']], [[]]])(
    'fails where it differs: %o',
    (pieces) => {
      expect(() => newText(spliceRestart(SENT), ...pieces)).toThrow(GatewayError);
    },
  );

  it('fails where a tool call comes in place of the text', () => {
    expect(() => spliceRestart(SENT)([choiceDelta(0, { tool_calls: [{ index: 0 }] })])).toThrow('other words');
  });

  it('leaves out repeated reasoning', () => {
    const splice = spliceRestart('');
    expect(splice([choiceDelta(0, { reasoning_content: 'Hm', content: 'Hi' })])).toEqual([
      choiceDelta(0, { content: 'Hi' }),
    ]);
  });

  it('keeps usage and annotations unchanged', () => {
    const splice = spliceRestart(SENT);
    const usage: Delta = { type: 'usage', usage: toUsage({ prompt: 9, completion: 5 }) };
    const citation = { start_index: 4, end_index: 7, url: 'https://example.com', title: '' };
    const cited = choiceDelta(0, { annotations: [{ type: 'url_citation', url_citation: citation }] });
    splice([choiceDelta(0, { content: 'The sea is' })]);
    expect(splice([cited, usage])).toEqual([cited, usage]);
  });
});

describe('spliceContinuation: an answer that continues a prefill (rescue)', () => {
  it.each([
    ['the space of its own', [' is', ' calm']],
    ['no space', ['is', ' calm']],
    ['the whole answer', ['The', ' sea is calm']],
    ['the whole answer at once', ['The sea is calm']],
  ])('is joined, when it begins with %s', (_name, pieces) => {
    expect(SENT + newText(spliceContinuation(SENT, 5), ...pieces)).toBe('The sea is calm');
  });

  it('is delivered at once where it cannot be a restart', () => {
    const [delta] = spliceContinuation(SENT, 5)([choiceDelta(0, { content: 'is' })]);
    expect(delta).toEqual(choiceDelta(0, { content: 'is' }));
  });

  it('may be empty', () => {
    expect(newText(spliceContinuation(SENT, 5))).toBe('');
  });

  it.each([
    ['is', SENT.length],
    [' is', SENT.length - 1],
    ['The sea is', 0],
  ])('has its annotations moved to where its text is: %s', (content, offset) => {
    const citation = { start_index: 0, end_index: 2, url: 'https://example.com', title: '' };
    const annotations = [{ type: 'url_citation' as const, url_citation: citation }];
    const [delta] = spliceContinuation(SENT, 5)([choiceDelta(0, { content, annotations })]);
    expect(delta).toMatchObject({ delta: { annotations: [{ url_citation: { start_index: offset } }] } });
  });

  it('counts what was sent as completion tokens, and not as prompt tokens', () => {
    const usage: Delta = { type: 'usage', usage: toUsage({ prompt: 12, completion: 3 }) };
    const splice = spliceContinuation(SENT, 5);
    splice([choiceDelta(0, { content: 'is' })]);
    expect(splice([usage])).toMatchObject([{ usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }]);
  });

  it('keeps the prompt tokens of a provider that does not count the prefix', () => {
    const usage: Delta = { type: 'usage', usage: toUsage({ prompt: 6, completion: 3 }) };
    const splice = spliceContinuation(SENT, 5);
    splice([choiceDelta(0, { content: 'is' })]);
    expect(splice([usage])).toMatchObject([{ usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 } }]);
  });

  it('keeps the usage of a restart', () => {
    const usage: Delta = { type: 'usage', usage: toUsage({ prompt: 12, completion: 3 }) };
    const splice = spliceContinuation(SENT, 5);
    splice([choiceDelta(0, { content: 'The sea is' })]);
    expect(splice([usage])).toEqual([usage]);
  });
});

describe('spliceSeam: an answer that another model was told to continue (rescue)', () => {
  const asked = { prompt: 5, more: 40 };

  it('is held back until the seam is sure, and then flows', () => {
    const splice = spliceSeam('The sea is calm', asked);
    const texts = ['The sea', ' is', ' calm', ' to-night.', ' The tide'].map((content) =>
      splice([choiceDelta(0, { content })]).map((delta) => (delta.type === 'choice' ? delta.delta.content : null)),
    );
    expect(texts).toEqual([[''], [''], [''], [' to-night.'], [' The tide']]);
  });

  it('has its citations where they are in the whole text', () => {
    const splice = spliceSeam('The sea is calm', asked);
    const citation = { start_index: 7, end_index: 11, url: 'https://example.com', title: '' };
    splice([
      choiceDelta(0, { content: 'sea is calm', annotations: [{ type: 'url_citation', url_citation: citation }] }),
    ]);
    const [piece] = splice([choiceDelta(0, { content: ' to-night' }, 'stop')]);
    const moved = { ...citation, start_index: 11, end_index: 15 };
    expect(piece).toMatchObject({ delta: { content: ' to-night', annotations: [{ url_citation: moved }] } });
  });

  it('is searched for the seam seldom, however long it repeats what was sent', () => {
    const repeat = (size: number) => {
      const words = Array.from({ length: size }, (_, index) => ` w${(index * 7919) % 4999}`);
      const sent = `Start${words.join('')}`;
      return () => {
        const splice = spliceSeam(sent, asked);
        splice([choiceDelta(0, { content: 'Start' })]);
        for (const content of words) splice([choiceDelta(0, { content })]);
        return splice([choiceDelta(0, { content: ' end.' }, 'stop')]);
      };
    };
    expect(repeat(20_000)()).toMatchObject([{ delta: { content: ' end.' } }]);
    expect(growthOf(repeat, 1_000)).toBeLessThan(24);
  });
});
