import type { Answer, Asked, Piece } from '../../../lab/provider.ts';
import { chatChunk, chatUsage, DONE } from '../../../lab/wire-answers.ts';
import type { Clock } from './clock.ts';
import { answerTo, PLAIN_QUESTION } from './words.ts';

interface Request {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

const CHARS_PER_TOKEN = 4;
/** What `deep` breaks off after, as a share of its answer. */
const BREAKS_AT = 0.6;
/** Between two words, in milliseconds; `careful` never comes to its end. */
const PACE: Readonly<Record<string, number>> = { swift: 4, deep: 8, careful: Number.POSITIVE_INFINITY };

/**
 * The provider of the pictures: it streams prose about what it was asked, each model at a pace of its own by the clock. `deep`
 * breaks off in the middle where a question asks for code, and one that is given a beginning goes on from there.
 */
export function createStudio(clock: Clock): (asked: Asked) => Answer {
  const meet = createMeeting();
  return ({ body }) => {
    const request = JSON.parse(body.toString()) as Request;
    const { model, messages } = request;
    const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const begun = messages.at(-1)?.role === 'assistant' ? (messages.at(-1)?.content ?? '') : '';
    const whole = answerTo(question, model);
    const isBroken = model === 'deep' && question.includes('TypeScript');
    const words = whole.slice(begun.length, isBroken ? whole.length * BREAKS_AT : undefined).split(/(?<=\s)/);
    return {
      headers: { 'content-type': 'text/event-stream' },
      body: spoken(clock, request, words, {
        begin: question === PLAIN_QUESTION ? meet() : null,
        end: isBroken ? [] : ending(request, words),
      }),
      end: isBroken ? 'cut' : 'whole',
    };
  };
}

/** Two that are compared begin together, whichever came first. */
function createMeeting(): () => Promise<void> {
  let other: PromiseWithResolvers<void> | null = null;
  return () => {
    const met = other ?? Promise.withResolvers<void>();
    if (other !== null) met.resolve();
    other = other === null ? met : null;
    return met.promise;
  };
}

interface Moments {
  readonly begin: Promise<void> | null;
  readonly end: readonly string[];
}

function* spoken(clock: Clock, request: Request, words: readonly string[], { begin, end }: Moments): Generator<Piece> {
  const [first = '', ...others] = words;
  const paceMs = PACE[request.model] ?? 10;
  if (begin !== null) yield { until: begin };
  yield { until: clock.pass(120 + Math.min(20, paceMs) * 10 + ((charsOf(request) * 7) % 19) * 20) };
  yield chatChunk({ content: first });
  yield {
    until: paceMs === Number.POSITIVE_INFINITY ? new Promise(() => undefined) : clock.pass(paceMs * others.length),
  };
  for (const content of others) yield chatChunk({ content });
  yield* end;
}

function ending(request: Request, words: readonly string[]): string[] {
  const prompt = Math.ceil(charsOf(request) / CHARS_PER_TOKEN);
  const completion = Math.ceil(words.join('').length / CHARS_PER_TOKEN);
  const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  return [chatChunk({}, 'stop'), chatUsage(completion, { usage }), DONE];
}

function charsOf({ messages }: Request): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}
