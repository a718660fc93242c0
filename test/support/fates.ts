import { type JsonRecord, recordOf } from '../../src/protocol/json.ts';
import { chatCompletion, chatStream } from './chat-answers.ts';
import { chatError } from './fallback-pair.ts';
import { runUpstream, type TestUpstream, type UpstreamAnswer, type UpstreamRequestRecord } from './upstream.ts';

const WORD = 'data: {"choices":[{"index":0,"text":" a word."}]}\n\n';
const LONG_TEXT = `${WORD.repeat(1200)}data: [DONE]\n\n`;
const LONG = { ...chatStream(...Array.from({ length: 1200 }, () => ' a word.')), pieceBytes: 9000 };
const SHORT = chatStream('The', ' sea', ' is calm to-night.');

/** What becomes of a chat, by the beginning of its only message. */
export const CHATS = ['whole', 'short', 'long', 'fallback', 'rescue', 'hedge', 'silent', 'dead', 'large'] as const;

/**
 * The configuration of a gateway with two such providers: `m` costs 1 and 10 USD per million tokens, is hedged, and falls back to
 * `dear`, which costs ten times as much; `embed`; `nil`, which costs nothing. Forms and completions are passed to the first.
 */
export async function configOfFates(databaseUrl: string): Promise<string> {
  const [one, other] = [await runUpstream(), await runUpstream()];
  one.answer(answer);
  other.answer(({ body }) => {
    const { messages, stream } = recordOf(body);
    if (JSON.stringify(messages).includes('dead')) return chatError(500, 'server_error');
    return stream === true ? SHORT : chatCompletion('The sea is calm to-night.');
  });
  return configOf(one, other, databaseUrl);
}

function answer({ path, body }: UpstreamRequestRecord, number: number): UpstreamAnswer {
  if (path.includes('completions') && !path.includes('chat')) {
    const stream = { headers: { 'content-type': 'text/event-stream' }, body: LONG_TEXT, pieceBytes: 50 * WORD.length };
    if (number % 3 === 0) return { ...stream, destroyAfterBytes: 40 * WORD.length + 9 };
    return number % 3 === 1 ? stream : { ...stream, pieceBytes: 50 * WORD.length + 7 };
  }
  if (path.includes('images')) return number % 4 === 0 ? chatError(400, 'bad') : { body: '{"data":[]}' };
  if (path.includes('embeddings')) return { body: '{"data":[],"usage":{"prompt_tokens":5,"total_tokens":5}}' };
  return answerChat(recordOf(body));
}

function answerChat({ messages, stream }: JsonRecord): UpstreamAnswer {
  const text = JSON.stringify(messages);
  const fate = CHATS.find((name) => text.includes(`"${name}`)) ?? 'whole';
  if (fate === 'fallback') return chatError(404, 'model_not_found');
  if (fate === 'dead') return chatError(503, 'overloaded');
  if (fate === 'hedge' || fate === 'silent') return { ...SHORT, isSilent: true };
  if (stream !== true) return chatCompletion('The sea is calm to-night.');
  if (fate === 'rescue') return { ...SHORT, destroyAfterBytes: 480 };
  return fate === 'long' ? LONG : SHORT;
}

function configOf(one: TestUpstream, other: TestUpstream, databaseUrl: string): string {
  const provider = ({ url }: TestUpstream): string => `{ kind: openai-compatible, base_url: "${url}/v1", api_key: k }`;
  return (
    `providers: { p: ${provider(one)}, f: ${provider(other)}, demo: { kind: demo } }\n` +
    'models:\n  m: { provider: p, fallbacks: [dear], prices: [{ input: 1, output: 10 }], hedge: { after: 60ms } }\n' +
    '  dear: { provider: f, prices: [{ input: 10, output: 100 }] }\n' +
    '  embed: { provider: p, kind: embedding, prices: [{ input: 0.02, output: 0 }] }\n' +
    '  nil: { provider: demo, upstream: demo, prices: [{ input: 0, output: 0 }] }\n' +
    'passthrough: { default: p }\nretry: { initial_delay: 10ms }\nbreaker: { failures: 1000000 }\n' +
    `resume: { grace: 50ms, keep: 100ms }\ntimeouts: { first_token: 400ms, response: 2s }\nserver: { drain: 0ms }\n` +
    `database: { url: ${JSON.stringify(databaseUrl)} }\nusage: { store: sqlite }\n`
  );
}
