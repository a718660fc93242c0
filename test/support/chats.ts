import type { ChatRequest, Content } from '../../src/languages/chat/schema.ts';

/** A chat of one message. */
export function chatOf(content: Content = 'Hello', parts: Partial<ChatRequest> = {}): ChatRequest {
  return { model: 'auto', messages: [{ role: 'user', content }], ...parts };
}

/** A function that takes nothing. */
export const A_TOOL = { type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } };

/** Parts of a message that are no text. */
export const IMAGE = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
export const AUDIO = { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } };
export const PDF = { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } };
