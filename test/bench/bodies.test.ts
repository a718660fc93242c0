import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BODIES } from '../../bench/bodies/bodies.ts';
import { PATHS, startWatched, type Watched } from '../../bench/bodies/watched.ts';
import { type Server, startServer } from '../../lab/server-process.ts';
import { cpuMs } from '../support/cpu.ts';

const MB = 1024 * 1024;

/** Parsing and writing 250,000 good values, which no gateway can do without: of the same machine at the same time. */
const GOOD = `[${Array.from({ length: 80_000 }, () => '{"type":"text","text":"x"}').join(',')}]`;

/** A turn was 12 to 200 times as long before bodies were counted. */
const MOST_TIMES = 6;

/** Those that hurt most, and large good ones, each with the status that it has to get. */
const CASES: readonly (readonly [body: string, path: string, status: number])[] = [
  ['19 MB of zeros for messages', 'chat over chat', 400],
  ['a million unknown fields', 'router/choose', 400],
  ['249,000 zeros for tools', 'chat over Responses', 400],
  ['9 million levels', 'embeddings', 400],
  ['20,000 unknown fields', 'chat over Gemini', 200],
  ['19 MB of line breaks in a tool', 'chat over chat', 200],
  ['19 MB of zeros in the arguments of a call', 'chat over Gemini', 200],
  ['9 million levels in the result of a call', 'chat over an older Gemini', 200],
  ['a schema of 16,000 members', 'chat over Gemini', 200],
  ['8,000 parallel calls with their answers', 'chat over Gemini', 200],
  ['19 MB of base64', 'chat over Responses', 200],
  ['50,000 messages', 'router/choose', 200],
];

// The figures are the kernel's.
describe.skipIf(!existsSync('/proc/self/clear_refs'))('a gateway that is sent', () => {
  let provider: Server;
  let gateway: Watched;
  let usualMs = 0;

  beforeAll(async () => {
    provider = await startServer('provider', './bodies/upstream.ts');
    gateway = await startWatched(provider.url);
    usualMs = cpuMs(() => JSON.stringify(JSON.parse(GOOD)));
  });

  afterAll(() => {
    gateway.stop();
    provider.stop();
  });

  it.each(CASES)('%s answers %s in short event loop turns and little memory', async (name, pathName, status) => {
    const body = BODIES.find((known) => known.name === name);
    const path = PATHS.find((known) => known.name === pathName);
    if (body === undefined || path === undefined) throw new Error(`There is no body '${name}' or path '${pathName}'.`);
    const bytes = Buffer.from(body.text(path.model));
    const reading = await gateway.send(path, bytes);
    expect(reading.status).toBe(status);
    expect(reading.longestTurnMs / usualMs).toBeLessThan(MOST_TIMES);
    expect(reading.peakBytes).toBeLessThan(Math.max(10 * bytes.length, 64 * MB));
  });
});
