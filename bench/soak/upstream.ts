/**
 * A provider that costs little and fails on demand: the model's name says how. In OpenAI's and Gemini's language.
 * `GET /state` tells how many requests it is still busy with.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, reportPort, startProvider } from '../../lab/provider.ts';
import { json, shortAnswer } from '../../lab/wire-answers.ts';
import { type ChatAsked, toAsked, type Wire } from './asked.ts';
import { LONG_PIECE, LONG_PIECES, PIECES } from './text.ts';

const PACE_MS = 4;
/** Told to the gateway in each answer, so that its idle connections are closed soon and can be waited for. */
const KEEP_ALIVE = { 'keep-alive': 'timeout=4' };
const STREAM = { 'content-type': 'text/event-stream' };

/** Calls that have failed once and are to succeed the second time. */
const failedOnce = new Set<string>();

/** What each model does instead of answering at once. */
const BEHAVIOURS: Readonly<Record<string, (asked: ChatAsked) => Answer | Promise<Answer>>> = {
  paced: (asked) => speak(asked, PIECES, PACE_MS),
  count: (asked) => speak(asked, [String(asked.chars)]),
  long: (asked) =>
    speak(
      asked,
      Array.from({ length: LONG_PIECES }, () => LONG_PIECE),
    ),
  endless: (asked) => speak(asked, endless(), PACE_MS),
  tools: callTool,
  silent: () => ({ isRaw: true, body: [], end: 'open' }),
  late: (asked) => wait(1000).then(() => speak(asked)),
  close: (asked) => wait(20).then(() => speak(asked)),
  'once-429': (asked) => once(asked, refuse(429, 'rate_limit_exceeded', { 'retry-after-ms': '5' })),
  'once-500': (asked) => once(asked, refuse(500, 'server_error')),
  'once-reset': (asked) => once(asked, { isRaw: true, body: [], end: 'reset' }),
  down: () => refuse(503, 'overloaded'),
  broken: () => refuse(500, 'server_error'),
  refuses: () => refuse(400, 'invalid_request_error'),
  cut: (asked) => breakOff(asked, 'cut'),
  garbage: (asked) => breakOff(asked, 'whole', 'data: {"choices":[{"delta"\n\n'),
  stalls: (asked) => breakOff(asked, 'open'),
};

function* endless(): Generator<string> {
  for (;;) yield ' on';
}

/** Speaks with a pause after each piece, or as fast as it is read. */
function speak(asked: ChatAsked, pieces: Iterable<string> = PIECES, paceMs = 0): Answer {
  if (!asked.isStream) return json(asked.voice.whole([...pieces].join(''), 'stop'));
  return { headers: STREAM, body: toEvents(asked, pieces), paceMs };
}

/** What was begun already is not said again. */
function* toEvents({ voice, begun }: ChatAsked, pieces: Iterable<string>): Generator<string> {
  let skipped = 0;
  for (const piece of pieces) {
    if (skipped < begun.length) skipped += piece.length;
    else yield voice.piece(piece);
  }
  yield voice.end('stop');
}

function callTool({ isStream, voice }: ChatAsked): Answer {
  if (!isStream) return json(voice.whole('', 'tool'));
  return { headers: STREAM, body: [voice.tool() + voice.end('tool')] };
}

/** The first half of an answer, surely on its way, and then what breaks it. */
function breakOff({ voice }: ChatAsked, end: 'cut' | 'whole' | 'open', last = ''): Answer {
  const half = PIECES.slice(0, PIECES.length / 2).map(voice.piece);
  return { headers: STREAM, body: [half.join(''), last], end };
}

function once(asked: ChatAsked, failure: Answer): Answer {
  if (failedOnce.delete(asked.nonce)) return speak(asked);
  failedOnce.add(asked.nonce);
  return failure;
}

function refuse(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return json({ error: { message: `The provider says ${code}.`, type: 'error', param: null, code } }, status, headers);
}

function answerTo(path: string, body: Buffer): Answer | Promise<Answer> {
  // Without the request that asks.
  if (path === '/state') return json({ busy: provider.busy - 1 });
  const asked = toAsked(path, JSON.parse(body.toString('utf8')) as Wire);
  const behave = BEHAVIOURS[asked.model];
  if (behave !== undefined) return behave(asked);
  return path.endsWith('/embeddings') ? shortAnswer(path) : speak(asked);
}

const provider = await startProvider(async ({ path, body }) => {
  const answer = await answerTo(path, body);
  return { ...answer, headers: { ...KEEP_ALIVE, ...answer.headers } };
});
reportPort(provider);
