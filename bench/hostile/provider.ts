import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isRecord, parseJson } from '../../src/protocol/json.ts';

/** What the gateway is given for it: nobody else may ever see it. */
export const PROVIDER_KEY = 'sk-the-providers-own-key';

const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const STREAM = `${chunk({ role: 'assistant', content: 'Hi' }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`;
const WHOLE = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: USAGE,
};
const GEMINI = {
  candidates: [{ content: { parts: [{ text: 'Hi' }], role: 'model' }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
};
const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'm',
  output: [
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Hi', annotations: [] }],
    },
  ],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
};
const RESPONSE_STREAM = [
  { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'Hi' },
  { type: 'response.completed', response: RESPONSE },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('');

/** What a model does instead of answering, by its name. */
const FAULTS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'fault-500': (response) => void response.writeHead(500).end('<html>at server.js:1</html>'),
  'fault-401': (response) => void response.writeHead(401).end(`{"error":{"message":"Incorrect key: ${PROVIDER_KEY}"}}`),
  'fault-429': (response) => void response.writeHead(429, { 'retry-after': '1e300' }).end('{}'),
  'fault-reset': (response) => void response.socket?.resetAndDestroy(),
  'fault-cut': (response) =>
    void response.writeHead(200, { 'content-length': '9999' }).write('{"id"', () => response.destroy()),
  'fault-garbage': (response) => void response.writeHead(200, { 'content-encoding': 'constructor' }).end('data: {"x'),
  'fault-empty': (response) => void response.writeHead(200).end(),
};

/** A provider that answers in whatever language it is asked, and fails where a model's name wants it. */
export async function startProvider(): Promise<Server> {
  const server = createServer((request, response) => void serve(request, response));
  server.on('checkExpectation', (request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  try {
    for await (const piece of request) text += piece;
  } catch {
    // The gateway has given the request up, as its client did.
    return;
  }
  const parsed = parseJson(text);
  const body = isRecord(parsed) ? parsed : {};
  const fault =
    typeof body['model'] === 'string' && Object.hasOwn(FAULTS, body['model']) ? FAULTS[body['model']] : null;
  if (fault) fault(response);
  else answer(request.url ?? '', body, response);
}

function answer(url: string, { stream }: Readonly<Record<string, unknown>>, response: ServerResponse): void {
  const [path = ''] = url.split('?');
  if (path.endsWith(':streamGenerateContent')) sendStream(response, `data: ${JSON.stringify(GEMINI)}\n\n`);
  else if (path.endsWith(':generateContent')) sendJson(response, GEMINI);
  else if (/\/(responses|agent)$/.test(path))
    stream === true ? sendStream(response, RESPONSE_STREAM) : sendJson(response, RESPONSE);
  else if (path.endsWith('/chat/completions'))
    stream === true ? sendStream(response, STREAM) : sendJson(response, WHOLE);
  else sendJson(response, { object: 'list', data: [] });
}

function sendStream(response: ServerResponse, events: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events);
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
