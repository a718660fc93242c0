import { chatAnswer, chatChunk, chatUsage, DONE, geminiAnswer } from '../lab/wire-answers.ts';

const WORDS = ' alpha beta gamma delta epsilon zeta eta theta'.split(/(?= )/);
const wordAt = (index: number): string => WORDS[index % WORDS.length] ?? '';

/** The events of a chat stream of so many words; the last one holds everything that ends it. */
export function chatEvents(count: number): readonly string[] {
  const words = Array.from({ length: count }, (_, index) =>
    chatChunk({ ...(index === 0 ? { role: 'assistant' } : {}), content: wordAt(index) }),
  );
  return [...words, `${chatChunk({}, 'stop')}${chatUsage(count)}${DONE}`];
}

/** The events of a Gemini stream of so many words, and one that ends it. */
export function geminiEvents(count: number): readonly string[] {
  const words = Array.from({ length: count }, (_, index) => geminiAnswer([{ text: wordAt(index) }], index));
  return [...words, geminiAnswer([{ text: '' }], count, 'STOP')].map(
    (event) => `data: ${JSON.stringify(event)}\r\n\r\n`,
  );
}

/** A whole chat answer, as JSON. */
export function chatText(): string {
  return JSON.stringify(chatAnswer({ content: WORDS.join('') }, WORDS.length));
}
