import { getJson, send } from './client.ts';
import type { ShownCheck, ShownConfig } from './wire.ts';

/** The configuration that runs, without its secrets; for an admin. */
export function readConfig(abort: AbortSignal): Promise<ShownConfig> {
  return getJson('/v1/config', abort);
}

/** What is wrong with a file in place of the one that runs under this name. Nothing is taken up. @throws ApiError */
export async function checkFile(name: string, text: string): Promise<ShownCheck> {
  const body = JSON.stringify({ files: { [name]: text } });
  const headers = { 'content-type': 'application/json' };
  return (await send('/v1/config/check', { method: 'POST', body, headers })).json() as Promise<ShownCheck>;
}
