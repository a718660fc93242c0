import { send } from './client.ts';
import type { Explanation } from './wire.ts';

/** Who would answer, and why; nothing is asked and nothing spent. @throws ApiError */
export async function explainChoice(body: object, abort: AbortSignal): Promise<Explanation> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body), signal: abort };
  return (await send('/v1/router/choose', init)).json() as Promise<Explanation>;
}
