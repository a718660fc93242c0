import type { Face } from '../face.ts';
import { readChatBody } from './client-request.ts';

/** OpenAI's chat completions. */
export const chatFace: Face = {
  path: '/v1/chat/completions',
  parse: readChatBody,
};
