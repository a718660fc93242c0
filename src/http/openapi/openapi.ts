import type { RequestHandler } from 'express';
import type { Services } from '../services.ts';
import { describeApi } from './description.ts';

/** `GET /openapi.json`: every path of ours, open to everybody. Made when it is first asked for. */
export function openApi({ lifecycle }: Pick<Services, 'lifecycle'>): RequestHandler {
  let text: string | null = null;
  return (_request, response) => {
    text ??= JSON.stringify(describeApi(lifecycle.version));
    response.type('json').send(text);
  };
}
