/** Answers of 20,000 tokens, four letters each: one of everything, and the shapes that are hardest to draw. */
export type Shape = 'mixed' | 'fence' | 'list' | 'table';

const LETTERS = 80_000;
const TOKEN = 4;

const SECTIONS: Readonly<Record<Shape, { readonly head: string; readonly part: (at: number) => string }>> = {
  mixed: { head: '', part: mixedPart },
  fence: { head: '```ts\n', part: (at) => `const value${at} = await read('a name', { at: ${at} }); // as it is\n` },
  list: { head: '', part: (at) => `- point ${at} with **weight** and \`code\`, long enough for a line\n` },
  table: { head: '| a | b | c |\n|---|---|---|\n', part: (at) => `| row ${at} | **${at * 7}** | some words of it |\n` },
};

/** The tokens of an answer of this shape. */
export function tokensOf(shape: Shape): readonly string[] {
  const { head, part } = SECTIONS[shape];
  let text = head;
  for (let at = 0; text.length < LETTERS; at++) text += part(at);
  return text.slice(0, LETTERS).match(new RegExp(`[^]{1,${TOKEN}}`, 'g')) ?? [];
}

/** A heading, a paragraph, a list, a table and code: what a long answer usually has. */
export function mixedPart(at: number): string {
  const words = 'Water that is held back rises until there is a way for it, and then it **flows** through `gates`. ';
  const items = ['first', 'second', 'third', 'fourth'].map((word) => `- the ${word} thing of part ${at}\n`).join('');
  const rows = [1, 2, 3, 4].map((row) => `| ${row} | ${row * at} | words |\n`).join('');
  const code = [1, 2, 3, 4, 5, 6].map((line) => `const line${line} = open(${line}, 'gate ${at}');\n`).join('');
  return `## Part ${at}\n\n${words.repeat(4)}\n\n${items}\n| a | b | c |\n|---|---|---|\n${rows}\n\`\`\`ts\n${code}\`\`\`\n\n`;
}
