import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../../lab/server-process.ts';
import { type Headers, streams } from '../load.ts';
import type { Candidate, Subject } from './candidate.ts';
import { freePort, untilAnswered } from './ports.ts';

const PACKAGE = '@portkey-ai/gateway';
/** The web server is pinned to the oldest that Portkey allows: with current ones it fails on streams (its issue 1389). */
const HOW =
  `in an empty folder, \`echo '{"overrides":{"@hono/node-server":"1.3.3"}}' >package.json && ` +
  `npm install --ignore-scripts ${PACKAGE}@1.15.2\`, and PORTKEY_DIR=<folder>/node_modules/${PACKAGE}.`;

/** Portkey's gateway, a well-known one in TypeScript; where there is none, how to get it. */
export function findPortkey(): Candidate | string {
  const installed = fileURLToPath(new URL(`../../node_modules/${PACKAGE}`, import.meta.url));
  const folder = process.env['PORTKEY_DIR'] ?? installed;
  if (!existsSync(join(folder, 'package.json'))) return `Portkey was not measured. To get it: ${HOW}`;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { title: `Portkey ${version}`, start: (upstreamUrl, cores) => startPortkey(folder, upstreamUrl, cores) };
}

async function startPortkey(folder: string, upstreamUrl: string, cores: string | null): Promise<Subject> {
  const port = await freePort();
  const command = [process.execPath, join(folder, 'build/start-server.js'), `--port=${port}`, '--headless'];
  // It complains about every stream that it has served.
  const server = startProgram('portkey', `http://127.0.0.1:${port}`, command, { cores, isSilent: true });
  const headers = headersFor('openai', `${upstreamUrl}/v1`);
  await untilAnswered(server.url, headers);
  await streams(server.url, 'bench-burst', 1, 1, headers).catch((cause: unknown) => {
    throw new Error(`This Portkey answers no streams. To get one that does: ${HOW}`, { cause });
  });
  return { name: 'portkey', server, headers, geminiHeaders: headersFor('google', upstreamUrl) };
}

function headersFor(provider: string, host: string): Headers {
  return { 'x-portkey-provider': provider, 'x-portkey-custom-host': host, authorization: 'Bearer none' };
}
