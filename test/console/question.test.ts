import { describe, expect, it } from 'vitest';
import { promptCost, tokensIn } from '../../console/src/answer/estimate.ts';
import { filesOf, isEmpty, titleOf, toInput } from '../../console/src/answer/question.ts';

const PICTURE = { kind: 'image', name: 'a.png', url: 'data:image/png;base64,AAAA' } as const;
const PAPER = { kind: 'file', name: 'a.pdf', url: 'data:application/pdf;base64,AAAA' } as const;

describe('a question', () => {
  it('is its words where it has nothing else', () => {
    expect(toInput({ text: 'Hello', files: [] })).toBe('Hello');
  });

  it('comes back from its item with the files that it was sent with', () => {
    const [item] = toInput({ text: 'What is it?', files: [PICTURE, PAPER] }) as [never];
    expect(filesOf(item)).toEqual([{ ...PICTURE, name: 'Picture' }, PAPER]);
    expect(item).toMatchObject({ role: 'user', content: [{}, {}, { type: 'input_text', text: 'What is it?' }] });
  });

  it('has no picture that would have to be loaded from elsewhere', () => {
    const content = [{ type: 'input_image', image_url: 'https://foreign.example/a.png' }];
    expect(filesOf({ type: 'message', role: 'user', content })).toEqual([]);
  });

  it('is empty without words and files, and sent with a file alone', () => {
    expect(isEmpty({ text: ' \n', files: [] })).toBe(true);
    expect(isEmpty({ text: '', files: [PAPER] })).toBe(false);
    expect(toInput({ text: ' ', files: [PAPER] })).toMatchObject([{ content: [{ type: 'input_file' }] }]);
  });

  it('gives a conversation its title in one line', () => {
    expect(titleOf({ text: ' One\n\ntwo ', files: [] })).toBe('One two');
    expect(titleOf({ text: '', files: [PAPER] })).toBe('a.pdf');
    expect(titleOf({ text: 'x'.repeat(99), files: [] })).toHaveLength(60);
  });
});

describe('the estimate of a question', () => {
  it('counts four letters a token, and each sign of a dense script', () => {
    expect(tokensIn('a'.repeat(40))).toBe(10);
    expect(tokensIn('予算を確認')).toBe(5);
    expect(tokensIn('')).toBe(0);
  });

  it('has a cost where the price is known, which may be nothing', () => {
    expect(promptCost(2000, 5)).toBe(0.01);
    expect(promptCost(2000, 0)).toBe(0);
    expect(promptCost(2000, null)).toBeNull();
  });
});
