import type OpenAI from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { chatCompletion } from '../support/chat-answers.ts';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';
import { openaiFor } from './client.ts';

/** One black pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';
const PDF = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64');

type Part = OpenAI.Chat.Completions.ChatCompletionContentPart;
const TEXT: Part = { type: 'text', text: 'What is it?' };
const DATA_URL: Part = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } };
const WEB_URL: Part = { type: 'image_url', image_url: { url: 'https://example.com/cat.png', detail: 'low' } };
const FILE: Part = { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` } };

let upstream: TestUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await runUpstream();
  gateway = await runGateway(`
providers:
  up: { kind: openai-compatible, base_url: "${upstream.url}/v1" }
  gemini: { kind: gemini, base_url: "${upstream.url}/v1beta", api_key: k }
  demo: { kind: demo }
models:
  m: { provider: up }
  g: { provider: gemini, upstream: gemini-3-flash }
server: { drain: 0ms }
`);
});

function ask(model: string, ...content: Part[]): Promise<OpenAI.Chat.Completions.ChatCompletion> {
  return openaiFor(gateway).chat.completions.create({ model, messages: [{ role: 'user', content }] });
}

describe('images and files of the OpenAI client', () => {
  it('reach a provider of the chat dialect unchanged', async () => {
    upstream.answer(chatCompletion('A pixel, a cat and a document.'));
    const answer = await ask('m', TEXT, DATA_URL, WEB_URL, FILE);
    expect(answer.choices[0]?.message.content).toBe('A pixel, a cat and a document.');
    const body = { messages: [{ role: 'user', content: [TEXT, DATA_URL, WEB_URL, FILE] }] };
    expect(upstream.requests[0]?.body).toMatchObject(body);
  });

  it('reach Gemini as inline parts', async () => {
    const candidate = { content: { role: 'model', parts: [{ text: 'A pixel.' }] }, finishReason: 'STOP', index: 0 };
    upstream.answer({ body: JSON.stringify({ candidates: [candidate] }) });
    const answer = await ask('g', TEXT, DATA_URL, WEB_URL, FILE);
    expect(answer.choices[0]?.message.content).toBe('A pixel.');
    expect(upstream.requests[0]?.path).toBe('/v1beta/models/gemini-3-flash:generateContent');
    const parts = [
      { text: 'What is it?' },
      { inlineData: { mimeType: 'image/png', data: PNG } },
      { fileData: { fileUri: 'https://example.com/cat.png' } },
      { inlineData: { mimeType: 'application/pdf', data: PDF } },
    ];
    expect(upstream.requests[0]?.body).toMatchObject({ contents: [{ role: 'user', parts }] });
  });

  it('are noticed by the demo model', async () => {
    const answer = await ask('demo', TEXT, DATA_URL, FILE);
    expect(answer.choices[0]?.message.content).toContain('You attached image_url, file.');
  });
});
