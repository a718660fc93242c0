import { type ChatRequest, textOf } from '../../languages/chat/schema.ts';

/** How the gateway begins a summary that stands for earlier turns. */
const SUMMARY = 'Summary of the conversation';

/** What the user told of itself in an earlier turn ("My name is Ada"), where the question asks for it; else null. */
export function recalled(chat: ChatRequest, question: string): string | null {
  const asked = /\bwhat(?:['’]?s| is| was) my (\p{L}+)(?: (\p{L}+))?/iu.exec(question);
  if (asked === null) return null;
  const [, first = '', second] = asked;
  // "What is my name again?" asks for less than all of its words.
  const topics = second === undefined ? [first] : [`${first} ${second}`, first];
  const told = toldBefore(chat);
  for (const topic of topics) {
    const value = lastTold(topic, told);
    if (value !== null) return `Your ${topic} is ${value}.`;
  }
  return null;
}

/** What it would need to go on without the conversation, where it is asked for a summary; else null. */
export function summedUp(chat: ChatRequest, question: string): string | null {
  if (!/^summari[sz]e the conversation/i.test(question)) return null;
  const told = toldBefore(chat).map((text) => text.slice(0, MAX_TOLD_CHARS));
  return told.length === 0 ? 'Nothing was said.' : `I was told: ${told.slice(-MAX_TOLD).join(' / ')}`;
}

/** A summary is to be shorter than what it stands for. */
const MAX_TOLD_CHARS = 500;
const MAX_TOLD = 20;

/** Before the question, by the user or in a summary of what the user had said. */
function toldBefore({ messages }: ChatRequest): string[] {
  const question = messages.findLastIndex(({ role }) => role === 'user');
  return messages.slice(0, question).flatMap(({ role, content }) => {
    const text = textOf(content);
    return role === 'user' || (role !== 'assistant' && text.startsWith(SUMMARY)) ? [text] : [];
  });
}

function lastTold(topic: string, told: readonly string[]): string | null {
  const pattern = new RegExp(`\\bmy ${topic} is ([^.,;!?/"\n]{1,100})`, 'iu');
  const text = told.findLast((one) => pattern.test(one)) ?? '';
  return pattern.exec(text)?.[1]?.trim() ?? null;
}
