import { type Answer, type LabProvider, startProvider as startLabProvider } from '../../lab/provider.ts';
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
const FAULTS: Readonly<Record<string, Answer>> = {
  'fault-500': { status: 500, body: '<html>at server.js:1</html>' },
  'fault-401': { status: 401, body: `{"error":{"message":"Incorrect key: ${PROVIDER_KEY}"}}` },
  'fault-429': { status: 429, headers: { 'retry-after': '1e300' }, body: '{}' },
  'fault-reset': { isRaw: true, body: [], end: 'reset' },
  'fault-cut': { headers: { 'content-length': '9999' }, body: ['{"id"'], end: 'cut' },
  'fault-garbage': { headers: { 'content-encoding': 'constructor' }, body: 'data: {"x' },
  'fault-empty': {},
};

/** A provider that answers in whatever language it is asked, and fails where a model's name wants it. */
export function startProvider(): Promise<LabProvider> {
  return startLabProvider(({ path, body }) => {
    const parsed = parseJson(body.toString('utf8'));
    const asked = isRecord(parsed) ? parsed : {};
    const model = String(asked['model']);
    return Object.hasOwn(FAULTS, model) ? (FAULTS[model] ?? {}) : answerTo(path, asked['stream'] === true);
  });
}

function answerTo(url: string, isStream: boolean): Answer {
  const [path = ''] = url.split('?');
  if (path.endsWith(':streamGenerateContent')) return stream(`data: ${JSON.stringify(GEMINI)}\n\n`);
  if (path.endsWith(':generateContent')) return json(GEMINI);
  if (/\/(responses|agent)$/.test(path)) return isStream ? stream(RESPONSE_STREAM) : json(RESPONSE);
  if (path.endsWith('/chat/completions')) return isStream ? stream(STREAM) : json(WHOLE);
  return json({ object: 'list', data: [] });
}

function stream(events: string): Answer {
  return { headers: { 'content-type': 'text/event-stream' }, body: [events] };
}

function json(body: object): Answer {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
