/**
 * A provider that costs next to nothing: fixed answers in OpenAI's and Gemini's language, whole or as a stream.
 * Arguments: milliseconds between events (0: all at once), events per stream.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const paceMs = Number(process.argv[2] ?? 20);
const eventCount = Number(process.argv[3] ?? 50);

const WORDS = ' alpha beta gamma delta epsilon zeta eta theta'.split(/(?= )/);
const wordAt = (index: number): string => WORDS[index % WORDS.length] ?? '';

const USAGE = { prompt_tokens: 20, completion_tokens: eventCount, total_tokens: 20 + eventCount };
const base = { id: 'chatcmpl-bench', created: 1_790_000_000, model: 'bench', system_fingerprint: null };

function chatEvent(choices: readonly object[], rest: object = {}): string {
  return `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...rest })}\n\n`;
}

const choice = (delta: object, finish: string | null = null): object[] => [
  { index: 0, delta, logprobs: null, finish_reason: finish },
];

const CHAT_STREAM = [
  ...Array.from({ length: eventCount }, (_, index) =>
    chatEvent(choice(index === 0 ? { role: 'assistant', content: wordAt(0) } : { content: wordAt(index) })),
  ),
  `${chatEvent(choice({}, 'stop'))}${chatEvent([], { usage: USAGE })}data: [DONE]\n\n`,
];

const GEMINI_STREAM = Array.from({ length: eventCount + 1 }, (_, index) => {
  const isLast = index === eventCount;
  const content = { parts: [{ text: isLast ? '' : wordAt(index) }], role: 'model' };
  const usage = { promptTokenCount: 20, candidatesTokenCount: index, totalTokenCount: 20 + index };
  const candidate = { content, index: 0, ...(isLast ? { finishReason: 'STOP' } : {}) };
  const event = { candidates: [candidate], usageMetadata: usage, modelVersion: 'bench', responseId: 'bench' };
  return `data: ${JSON.stringify(event)}\r\n\r\n`;
});

const CHAT_ANSWER = JSON.stringify({
  ...base,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: WORDS.join(''), refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: USAGE,
});

function stream(response: ServerResponse, events: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (paceMs === 0) {
    response.end(events.join(''));
    return;
  }
  let next = 0;
  const timer = setInterval(() => {
    response.write(events[next++] ?? '');
    if (next < events.length) return;
    clearInterval(timer);
    response.end();
  }, paceMs);
  response.once('close', () => clearInterval(timer));
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (piece: string) => {
    body += piece;
  });
  request.on('end', () => {
    if (request.url?.includes('streamGenerateContent')) stream(response, GEMINI_STREAM);
    else if (body.includes('"stream":true')) stream(response, CHAT_STREAM);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(CHAT_ANSWER);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
