import { type Answer, type Asked, type LabProvider, startProvider } from '../../../lab/provider.ts';
import { chatAnswer, chatChunk, chatUsage, DONE, json } from '../../../lab/wire-answers.ts';
import { type Shape, tokensOf } from './texts.ts';

/** From one write to the next: 200 tokens a second where each write is one. */
const PACE_MS = 5;

/** How an answer comes: its shape, and how much of it at 200 tokens a second at the beginning and at the end. */
interface Manner {
  readonly shape: Shape;
  readonly paced: readonly [first: number, last: number];
  /** How many tokens a write has meanwhile: a whole answer at 200 tokens a second would take 100 s. */
  readonly burst: number;
}

/** By the name of the model that is asked. */
const MANNERS: Readonly<Record<string, Manner>> = {
  mixed: { shape: 'mixed', paced: [2000, 2000], burst: 10 },
  'mixed-end': { shape: 'mixed', paced: [0, 2000], burst: 20 },
  'mixed-slow': { shape: 'mixed', paced: [20_000, 0], burst: 1 },
  'mixed-fast': { shape: 'mixed', paced: [0, 0], burst: 50 },
  fence: { shape: 'fence', paced: [0, 1000], burst: 20 },
  list: { shape: 'list', paced: [0, 1000], burst: 20 },
  table: { shape: 'table', paced: [0, 1000], burst: 20 },
};

/** The models that can be asked. */
export const MODELS = Object.keys(MANNERS);

/** A provider, and when it lost its connections. */
export interface BenchUpstream extends LabProvider {
  /** Resolves with the time, in milliseconds since the epoch, at which the answer that was asked for last is given up. */
  lastGivenUp(): Promise<number>;
}

/** Starts a provider on a socket that answers as the models above say. */
export async function startUpstream(): Promise<BenchUpstream> {
  let last: Promise<number> = Promise.resolve(Number.NaN);
  const provider = await startProvider((asked) => {
    const answer = answerTo(asked);
    if (answer.paceMs !== undefined) last = closeOf(asked.socket);
    return answer;
  });
  return Object.assign(provider, { lastGivenUp: () => last });
}

function closeOf(socket: Asked['socket']): Promise<number> {
  return new Promise((resolve) => socket.once('close', () => resolve(performance.timeOrigin + performance.now())));
}

function answerTo({ body }: Asked): Answer {
  const { model, stream } = JSON.parse(body.toString()) as { model: string; stream?: boolean };
  if (stream !== true) return json(chatAnswer({ content: 'A title' }, 2));
  const manner = MANNERS[model];
  if (manner === undefined) return json({ error: { message: `There is no ${model}.` } }, 404);
  return { headers: { 'content-type': 'text/event-stream' }, body: writesOf(manner), paceMs: PACE_MS };
}

function writesOf({ shape, paced: [first, last], burst }: Manner): readonly string[] {
  const events = tokensOf(shape).map((content) => chatChunk({ content }));
  const middle = events.slice(first, events.length - last);
  const bursts = Array.from({ length: Math.ceil(middle.length / burst) }, (_, at) =>
    middle.slice(at * burst, (at + 1) * burst).join(''),
  );
  const end = `${chatChunk({}, 'stop')}${chatUsage(events.length)}${DONE}`;
  return [...events.slice(0, first), ...bursts, ...events.slice(events.length - last), end];
}
