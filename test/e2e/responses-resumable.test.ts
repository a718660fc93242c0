import { join } from 'node:path';
import { expect, it } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { openScene, stalling } from '../support/stored.ts';

it('a stream of a response that is cut off is taken up by x-sluice-resumable and Last-Event-ID, and is kept', async () => {
  const { gateway, upstream } = await openScene(join(temporaryFolder(), 'sluice.db'));
  upstream.answer(stalling('The', ' sea'));
  const headers = { authorization: 'Bearer key-a', 'content-type': 'application/json' };
  const gone = new AbortController();
  const response = await fetch(`${gateway.url}/v1/responses`, {
    method: 'POST',
    headers: { ...headers, 'x-sluice-resumable': 'true' },
    body: JSON.stringify({ model: 'm', input: 'Hi', stream: true }),
    signal: gone.signal,
  });
  const id = response.headers.get('x-request-id') ?? '';
  const first = new TextDecoder().decode((await response.body?.getReader().read())?.value);
  expect(first).toContain('id: 1\nevent: response.created\n');
  gone.abort();

  const rest = fetch(`${gateway.url}/v1/requests/${id}/stream`, { headers: { ...headers, 'last-event-id': '2' } });
  upstream.release();
  const text = await (await rest).text();
  expect(text).toMatch(/^id: 3\nevent: /);
  expect(text).toMatch(/event: response\.completed\n.*\n\nid: \d+\ndata: \[DONE\]\n\n$/);
  const kept = await (await fetch(`${gateway.url}/v1/responses/${id}`, { headers })).json();
  expect(recordOf(kept)).toMatchObject({ id, status: 'completed', output: [{ content: [{ text: 'The sea' }] }] });
});
