import { Lexer } from 'marked';
import { describe, expect, it } from 'vitest';
import { BlockStream } from '../../console/src/markdown/blocks.ts';

const TEXT = [
  '# Title\n\nA paragraph with **bold** and\na second line.\n\n',
  '- one\n- two\n\n  with more\n- three\n\n',
  '```ts\nconst a = 1;\n\nconst b = 2;\n```\n\n',
  '| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\nThe end.',
].join('');

describe('a text that grows, as blocks', () => {
  it('comes to what the whole text comes to, however it was cut', () => {
    for (const step of [1, 3, 17]) {
      const stream = new BlockStream();
      for (let end = step; end < TEXT.length; end += step) stream.read(TEXT.slice(0, end));
      const blocks = stream.read(TEXT);
      expect(blocks.map(({ token }) => token.type)).toEqual(new Lexer().lex(TEXT).map(({ type }) => type));
      expect(blocks.map(({ token }) => token.raw).join('')).toBe(TEXT);
    }
  });

  it('keeps the key and the token of a block that is settled', () => {
    const stream = new BlockStream();
    const [first] = stream.read('One.\n\nTwo');
    const later = stream.read('One.\n\nTwo and more.\n\nThree');
    expect(later[0]).toBe(first);
    expect(new Set(later.map(({ key }) => key)).size).toBe(later.length);
  });

  it('begins anew with another text', () => {
    const stream = new BlockStream();
    stream.read('One.\n\nTwo');
    expect(stream.read('Other').map(({ token }) => token.raw)).toEqual(['Other']);
  });

  it.each([
    ['quotes', '> '],
    ['lists', '- '],
  ])('leaves %s as they are written that are nested too deeply to be drawn', (_name, mark) => {
    for (const depth of [200, 5000]) {
      const deep = `${mark.repeat(depth)}a`;
      expect(new BlockStream().read(deep).map(({ token }) => token)).toEqual([{ type: 'plain', raw: deep }]);
    }
    const [shallow] = new BlockStream().read(`${mark.repeat(20)}a`);
    expect(shallow?.token.type).not.toBe('plain');
  });
});
