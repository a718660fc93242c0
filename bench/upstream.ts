/**
 * A provider that costs next to nothing: fixed answers in OpenAI's and Gemini's language, encoded ahead and written to
 * the bare socket, whole or as a stream. Models whose name holds `gemini` answer in Gemini's language whatever the path,
 * those that end in `-burst` at once. Arguments: milliseconds between events, events per stream when the request sets
 * no limit of tokens. The first event comes with the head.
 */
import { type Answer, type Asked, reportPort, startProvider } from '../lab/provider.ts';
import { chatEvents, chatText, geminiEvents } from './upstream-answers.ts';

const paceMs = Number(process.argv[2] ?? 20);
const defaultEvents = Number(process.argv[3] ?? 50);
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

const answer = chatText();
const WHOLE: Answer = {
  isRaw: true,
  body: [
    Buffer.from(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(answer)}\r\n\r\n${answer}`,
    ),
  ],
};

const encoded = new Map<string, readonly Buffer[]>();

/** What a stream writes, pace by pace. */
function writesOf(dialect: 'chat' | 'gemini', isBurst: boolean, eventCount: number): readonly Buffer[] {
  const key = `${dialect} ${isBurst} ${eventCount}`;
  const known = encoded.get(key);
  if (known) return known;
  const events = dialect === 'chat' ? chatEvents(eventCount) : geminiEvents(eventCount);
  const pieces = isBurst ? [events.join('')] : events;
  const toWrite = (piece: string, index: number): Buffer => {
    const framed = `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`;
    return Buffer.from(`${index === 0 ? HEAD : ''}${framed}${index === pieces.length - 1 ? '0\r\n\r\n' : ''}`);
  };
  const writes = pieces.map(toWrite);
  encoded.set(key, writes);
  return writes;
}

function answerTo({ path, body }: Asked): Answer {
  const request = `${path} ${body.toString('latin1')}`;
  if (!request.includes('"stream":true') && !request.includes(':streamGenerateContent')) return WHOLE;
  const limit = /"max_?(?:completion_|output)?tokens":(\d+)/i.exec(request)?.[1];
  const dialect = request.includes('gemini') ? 'gemini' : 'chat';
  const isBurst = paceMs === 0 || request.includes('-burst');
  return { isRaw: true, body: writesOf(dialect, isBurst, Number(limit ?? defaultEvents)), paceMs };
}

reportPort(await startProvider(answerTo));
