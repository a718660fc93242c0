import { type ChatRequest, textOf } from '../../languages/chat/schema.ts';

/** What the user told of itself in an earlier turn ("My name is Ada"), where the question asks for it; else null. */
export function recalled({ messages }: ChatRequest, question: string): string | null {
  const asked = /\bwhat(?:['’]?s| is| was) my (\p{L}+)(?: (\p{L}+))?/iu.exec(question);
  if (asked === null) return null;
  const [, first = '', second] = asked;
  // "What is my name again?" asks for less than all of its words.
  const topics = second === undefined ? [first] : [`${first} ${second}`, first];
  const told = messages
    .slice(0, messages.findLastIndex(isUser))
    .filter(isUser)
    .map(({ content }) => textOf(content));
  for (const topic of topics) {
    const value = lastTold(topic, told);
    if (value !== null) return `Your ${topic} is ${value}.`;
  }
  return null;
}

function isUser({ role }: ChatRequest['messages'][number]): boolean {
  return role === 'user';
}

function lastTold(topic: string, told: readonly string[]): string | null {
  const pattern = new RegExp(`\\bmy ${topic} is ([^.,;!?\n]{1,100})`, 'iu');
  const text = told.findLast((one) => pattern.test(one)) ?? '';
  return pattern.exec(text)?.[1]?.trim() ?? null;
}
