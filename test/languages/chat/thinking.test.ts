import { describe, expect, it } from 'vitest';
import { createThinkingSplitter, type Split, splitThinking } from '../../../src/languages/chat/thinking.ts';

function splitCut(text: string, size: number): Split {
  const splitter = createThinkingSplitter();
  const splits: Split[] = [];
  for (let at = 0; at < text.length; at += size) splits.push(splitter.push(text.slice(at, at + size)));
  splits.push(splitter.end());
  return {
    reasoning: splits.map((split) => split.reasoning).join(''),
    text: splits.map((split) => split.text).join(''),
  };
}

describe('splitThinking (reasoning in think tags)', () => {
  const TABLE: readonly (readonly [string, string, string])[] = [
    ['<think>Hm</think>Yes', 'Hm', 'Yes'],
    ['  \n<THINK>\r\nHm</Think>\r\n\r\nYes\n', 'Hm', 'Yes\n'],
    ['<think>İİ < b</think>\n\nYes </think>', 'İİ < b', 'Yes </think>'],
    ['<think>No end </thi', 'No end </thi', ''],
    ['<think></think>Yes', '', 'Yes'],
    ['  Yes <think>no</think>', '', '  Yes <think>no</think>'],
    ['<thi', '', '<thi'],
    ['<thinking>x', '', '<thinking>x'],
    ['', '', ''],
  ];

  it.each(TABLE)('splits %o', (whole, reasoning, text) => {
    expect(splitThinking(whole)).toEqual({ reasoning, text });
  });

  it.each(TABLE)('splits %o the same however it is cut', (whole, reasoning, text) => {
    for (const size of [1, 2, 3, 5]) expect(splitCut(whole, size)).toEqual({ reasoning, text });
  });
});
