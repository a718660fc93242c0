/**
 * The yardstick: Express and undici with nothing else. It parses the request, sends it on, and parses and
 * re-serialises each event, as a first draft of a proxy would. Argument: the upstream's base URL.
 */
import type { AddressInfo } from 'node:net';
import { createParser } from 'eventsource-parser';
import express from 'express';
import { Agent, request as send } from 'undici';

const upstream = process.argv[2] ?? '';
const dispatcher = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const app = express();
app.use(express.json({ limit: '20mb' }));
app.post('/v1/chat/completions', async (request, response) => {
  const body = JSON.stringify(request.body);
  const headers = { 'content-type': 'application/json', authorization: 'Bearer none' };
  const answer = await send(`${upstream}/chat/completions`, { method: 'POST', headers, body, dispatcher });
  if (!request.body.stream) {
    response.json(await answer.body.json());
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const parser = createParser({
    onEvent: ({ data }) => {
      response.write(data === '[DONE]' ? 'data: [DONE]\n\n' : `data: ${JSON.stringify(JSON.parse(data))}\n\n`);
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of answer.body) parser.feed(decoder.decode(bytes, { stream: true }));
  response.end();
});
const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
