import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/languages/chat/schema.ts';
import { type JsonRecord, recordsOf } from '../../../src/protocol/json.ts';
import { assistant, configOf, contentsOf, errorOf, NEWEST, translate, user } from './translate.ts';

function partsOf(content: ChatRequest['messages'][number]['content'], upstream = NEWEST): readonly JsonRecord[] {
  const contents = recordsOf(contentsOf([{ role: 'user', content: content ?? '' }], upstream));
  return recordsOf(contents[0]?.['parts']);
}

describe('the path of a Gemini request', () => {
  it('has method and model', () => {
    expect(translate({}).path).toBe('/models/gemini-3.8-flash:generateContent');
    expect(translate({ stream: true }).path).toBe('/models/gemini-3.8-flash:streamGenerateContent?alt=sse');
  });

  it('cannot be left by a model name (path traversal)', () => {
    expect(translate({}, '../files?key=x').path).toBe('/models/..%2Ffiles%3Fkey%3Dx:generateContent');
  });
});

describe('messages of a Gemini request', () => {
  it('collect system messages from everywhere', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'system', content: 'Be brief.' },
      user('Hi'),
      { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] },
    ];
    const { body } = translate({ messages });
    expect(body['systemInstruction']).toEqual({ parts: [{ text: 'Be brief.\n\nBe kind.' }] });
    expect(body['contents']).toEqual([{ role: 'user', parts: [{ text: 'Hi' }] }]);
  });

  it('join neighbours of one role', () => {
    expect(contentsOf([user('a'), user('b'), assistant('c'), assistant('d'), user('e')])).toEqual([
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'model', parts: [{ text: 'c' }, { text: 'd' }] },
      { role: 'user', parts: [{ text: 'e' }] },
    ]);
  });

  it('begin with a user, also when there was only a system message', () => {
    const begin = { role: 'user', parts: [{ text: ' ' }] };
    expect(recordsOf(contentsOf([assistant('Hello'), user('Hi')]))[0]).toEqual(begin);
    expect(contentsOf([{ role: 'system', content: 'Speak.' }])).toEqual([begin]);
  });

  it('end with a user, except at prefill models', () => {
    const messages = [user('Hi'), assistant('He')];
    expect(recordsOf(contentsOf(messages)).at(-1)).toEqual({ role: 'user', parts: [{ text: 'Continue.' }] });
    const { body } = translate({ messages }, NEWEST, { capabilities: ['prefill'] });
    expect(recordsOf(body['contents']).at(-1)).toEqual({ role: 'model', parts: [{ text: 'He' }] });
  });

  it('leave out empty turns and keep refusals', () => {
    const refused = { role: 'assistant' as const, content: null, refusal: 'No.' };
    expect(contentsOf([user('a'), assistant(''), user(''), refused, user('b')])).toEqual([
      { role: 'user', parts: [{ text: 'a' }] },
      { role: 'model', parts: [{ text: 'No.' }] },
      { role: 'user', parts: [{ text: 'b' }] },
    ]);
  });
});

describe('content parts of a Gemini request', () => {
  const image = (url: string) => partsOf([{ type: 'image_url', image_url: { url } }])[0];

  it.each([
    ['data:image/png;base64,AAAA', 'image/png', 'AAAA'],
    ['data:image/jpg;base64,AAAA', 'image/jpeg', 'AAAA'],
    ['data:image/png;charset=utf-8;base64,AA%3D%3D', 'image/png', 'AA=='],
    ['data:image/svg+xml,%3Csvg%2F%3E', 'image/svg+xml', btoa('<svg/>')],
    ['data:image/svg+xml;utf8,<t>é</t>', 'image/svg+xml', Buffer.from('<t>é</t>').toString('base64')],
  ])('read the data URL %s', (url, mimeType, data) => {
    expect(image(url)).toEqual({ inlineData: { mimeType, data } });
  });

  it.each([
    ['https://a.example/cat.PNG?size=2', 'image/png'],
    ['https://a.example/cat', 'image/jpeg'],
    ['gs://bucket/cat.webp', 'image/webp'],
  ])('map %s to %s', (url, mimeType) => {
    expect(image(url)).toEqual({ fileData: { mimeType, fileUri: url } });
  });

  it('leave the MIME type of a YouTube video to Google', () => {
    expect(image('https://www.youtube.com/watch?v=1')).toEqual({
      fileData: { fileUri: 'https://www.youtube.com/watch?v=1' },
    });
  });

  it('have audio and documents', () => {
    const content = [
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,BBBB', filename: 'a.pdf' } },
      { type: 'file', file: { file_id: 'files/abc', filename: 'notes.txt' } },
    ];
    expect(partsOf(content)).toEqual([
      { inlineData: { mimeType: 'audio/mp3', data: 'AAAA' } },
      { inlineData: { mimeType: 'application/pdf', data: 'BBBB' } },
      { fileData: { mimeType: 'text/plain', fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } },
    ]);
  });

  it.each([
    [{ type: 'file', file: { file_id: 'file-123' } }],
    [{ type: 'hologram', hologram: {} }],
    [{ type: 'image_url', image_url: { url: 'cat.png' } }],
  ])('refuse %j', (part) => {
    const error = errorOf(() => partsOf([part]));
    expect(error).toMatchObject({ status: 400, param: 'messages[0].content[0]' });
  });

  it('have the resolution of image detail', () => {
    const withDetail = (...details: string[]) => {
      const content = details.map((detail) => ({ type: 'image_url', image_url: { url: 'data:,x', detail } }));
      return configOf({ messages: [{ role: 'user', content }] }).config['mediaResolution'];
    };
    expect(withDetail('low', 'low')).toBe('MEDIA_RESOLUTION_LOW');
    expect(withDetail('low', 'high')).toBe('MEDIA_RESOLUTION_HIGH');
    expect(withDetail('low', 'auto')).toBeUndefined();
  });
});
