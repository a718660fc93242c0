import { describe, expect, it } from 'vitest';
import { checkResponsesBody } from '../../src/languages/responses/client-check.ts';
import { readResponsesRequest } from '../../src/languages/responses/client-request.ts';
import { namesFile, storedRoutesOf } from '../../src/protocol/stored-content.ts';
import { atOnce } from '../../src/protocol/turns.ts';
import { requestOf } from '../support/asked.ts';

const GOOGLE = 'https://generativelanguage.googleapis.com/v1beta/files/abc';

function routesOf(part: object, rest: object = {}): readonly string[] {
  const content = [
    { type: 'text', text: `files/abc gs://a ${GOOGLE}` },
    { type: 'x', ...part },
  ];
  return storedRoutesOf(requestOf({ model: 'm', messages: [{ role: 'user', content }], ...rest }));
}

describe('references of a chat to content that is stored at the provider', () => {
  it.each([
    { file: { file_id: 'file-abc' } },
    { file: { file_id: 'files/abc' } },
    { file: { file_id: GOOGLE } },
    { file: { file_data: 'files/abc' } },
    { file: { file_data: GOOGLE.replace('https', 'HTTPS').replace('google', 'GOOGLE') } },
    { image_url: { url: 'files/abc' } },
    { image_url: { url: 'https://generativelanguage%2Egoogleapis.com/v1beta/files/abc' } },
    { image_url: { url: 'https://user@generativelanguage.googleapis.com:443/v1beta/files/abc' } },
    { image_url: { url: 'https://us-generativelanguage.googleapis.com./v1beta/files/abc' } },
    { image_url: { url: 'gs://bucket/object' } },
    { image_url: GOOGLE },
    { video_url: { url: ' files/abc' } },
    { file_id: 'file-abc' },
    { fileData: { fileUri: GOOGLE } },
  ])('need the route files: %j', (part) => {
    expect(routesOf(part)).toEqual(['files']);
  });

  it.each([
    {},
    { image_url: { url: 'https://example.com/files/abc.png' } },
    { image_url: { url: 'https://example.com/?u=generativelanguage.googleapis.com' } },
    { image_url: { url: 'data:image/png;base64,files/' } },
    { file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'files/abc' } },
    { file: { file_id: 'https://example.com/a.pdf' } },
    { input_audio: { data: 'AAAA', format: 'wav' } },
  ])('are not inline content, nor public URLs: %j', (part) => {
    expect(routesOf(part)).toEqual([]);
  });

  it.each<[object, string]>([
    [{ cached_content: 'cachedContents/abc' }, 'files'],
    [{ google: { cached_content: 'cachedContents/abc' } }, 'files'],
    [{ extra_body: { google: { cached_content: 'cachedContents/abc' } } }, 'files'],
    [{ extra_body: { cachedContent: 'cachedContents/abc' } }, 'files'],
    [{ previous_response_id: 'resp_1' }, 'files'],
    [{ conversation: 'conv_1' }, 'files'],
    [{ tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }, 'vector_stores'],
    [{ tools: [{ type: 'code_interpreter', container: 'cntr_1' }] }, 'containers'],
    [{ tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } }] }, 'files'],
    [{ tools: [{ type: 'image_generation', input_image_mask: { file_id: 'file-1' } }] }, 'files'],
    [
      { tools: [{ type: 'shell', environment: { type: 'container_reference', container_id: 'cntr_1' } }] },
      'containers',
    ],
  ])('need other routes as well: %j', (rest, route) => {
    expect(routesOf({}, rest)).toEqual([route]);
  });

  it('are found in items that a provider is given as they are, and not in what a model cited', () => {
    const shown = { type: 'computer_screenshot', file_id: 'file-1' };
    const cited = { type: 'file_citation', file_id: 'file-1', index: 0 };
    const said = { role: 'assistant', content: [{ type: 'output_text', text: 'Hi', annotations: [cited] }] };
    const routes = (item: object) =>
      storedRoutesOf(atOnce(readResponsesRequest(atOnce(checkResponsesBody({ model: 'm', input: [item] })), [])));
    expect(routes({ type: 'computer_call_output', call_id: 'a', output: shown })).toEqual(['files']);
    expect(routes(said)).toEqual([]);
  });

  it('are found in any JSON, however deep', () => {
    expect(namesFile({ model: 'm', images: [{ file_id: 'file-abc' }] })).toBe(true);
    expect(namesFile({ model: 'm', images: [{ image_url: 'https://example.com/a.png' }], input: ['file_id'] })).toBe(
      false,
    );
    expect(namesFile(null)).toBe(false);
  });
});
