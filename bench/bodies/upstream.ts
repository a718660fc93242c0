/** A provider that reads what it is sent and gives a short answer in the language of the path. */
import { reportPort, startProvider } from '../../lab/provider.ts';

const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const CHAT = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] };
const GEMINI = { candidates: [{ content: { parts: [{ text: 'Hi' }], role: 'model' }, finishReason: 'STOP' }] };
const OUTPUT = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }];
const RESPONSE = { object: 'response', status: 'completed', output: OUTPUT };
const EMBEDDING = { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0] }], usage: USAGE };

function answerTo(path: string): object {
  if (path.includes('generateContent')) return GEMINI;
  if (path.includes('/embeddings')) return EMBEDDING;
  // Without usage: the gateway has to estimate it, which is work on the whole request.
  return path.includes('/responses') ? RESPONSE : CHAT;
}

const headers = { 'content-type': 'application/json' };
reportPort(await startProvider(({ path }) => ({ headers, body: JSON.stringify(answerTo(path)) })));
