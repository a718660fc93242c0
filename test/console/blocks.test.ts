import { Lexer, type Tokens } from 'marked';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { BlockStream, reader } from '../../console/src/markdown/blocks.ts';

const TEXT = [
  '# Title\n\nA paragraph with **bold** and\na second line.\n\n',
  '- one\n- two\n\n  with more\n- three\n\n',
  '```ts\nconst a = 1;\n\nconst b = 2;\n```\n\n',
  '| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\nThe end.',
].join('');

describe('a text that grows, as blocks', () => {
  beforeAll(async () => {
    reader.want();
    await vi.waitFor(() => expect(reader.loaded.value).not.toBeNull(), { timeout: 10_000 });
  });

  it('comes to what the whole text comes to, however it was cut', () => {
    for (const step of [1, 3, 17]) {
      const stream = new BlockStream();
      for (let end = step; end < TEXT.length; end += step) stream.read(TEXT.slice(0, end));
      const blocks = stream.read(TEXT);
      expect(blocks.map(({ token }) => token.type)).toEqual(new Lexer().lex(TEXT).map(({ type }) => type));
      expect(blocks.map(({ token }) => token.raw).join('')).toBe(TEXT);
    }
  });

  it.each([
    ['a list', (at: number) => `- point ${at} with **weight**\n`],
    ['a list with an empty line late in it', (at: number) => `${at === 90 ? '\n' : ''}- point ${at}\n`],
    ['a list with empty lines early in it', (at: number) => `- point ${at}\n${at < 5 ? '\n' : ''}`],
    ['a list of steps with lists in them', (at: number) => `${at + 1}. step\n   - one\n   - two\n`],
    ['a table', (at: number) => `${at === 0 ? '| a | b |\n|:--|---|\n' : ''}| ${at} | \\| **${at}** |\n`],
    ['a table without bars around it', (at: number) => `${at === 0 ? 'a | b\n---|---\n' : ''}${at} | ${at}\n`],
  ])('comes to what the whole text comes to where it is %s that is long', (_name, part) => {
    const long = Array.from({ length: 120 }, (_, at) => part(at)).join('');
    const text = `Before.\n\n[it]: https://a.b\n\n${long}\nAfter [it].`;
    for (const step of [7, 250]) {
      const stream = new BlockStream();
      for (let end = step; end < text.length; end += step) {
        const drawn = stream.read(text.slice(0, end)).map(({ token }) => token);
        if (end % 5 === 0) expect(drawn).toEqual([...new Lexer().lex(text.slice(0, end))]);
      }
    }
  });

  it('keeps the items and rows that a long list or table has for good', () => {
    for (const [line, head, parts] of [
      ['- point\n', '', 'items'],
      ['| a |\n', '| a |\n|---|\n', 'rows'],
    ] as const) {
      const stream = new BlockStream();
      const partsAt = (count: number): unknown[] => {
        const [block] = stream.read(head + line.repeat(count));
        return block !== undefined && parts in block.token ? (block.token as Tokens.Generic)[parts] : [];
      };
      partsAt(200);
      const [before, after] = [partsAt(201), partsAt(202)];
      expect(after.length).toBe(202);
      expect(after.findIndex((part, at) => part !== before[at])).toBeGreaterThanOrEqual(150);
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
