import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Server, startProgram } from '../../lab/server-process.ts';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { readWholeStreams } from '../paced-streams.ts';
import { NAMES, type Name, type Subject } from './candidate.ts';
import { median } from './figures.ts';
import { ladderLoad } from './ladder.ts';
import { freePort, untilAnswered } from './ports.ts';
import type { Ground } from './settings.ts';
import { judged, toTable } from './table.ts';

const STARTS = 5;
const STREAMS = 512;
const SAMPLE_MS = 100;

interface Footprint {
  readonly startMs: number | undefined;
  readonly idleMb: number;
  readonly perStreamKb: number;
}

/** From the start to the first answer, and memory: idle, and of many streams. Every figure is of a fresh process. */
export async function measureFootprint(ground: Ground): Promise<string> {
  const rows: string[][] = [];
  for (const name of NAMES) {
    ground.progress(`start and memory of ${name}`);
    rows.push([name, ...toCells(name, await footprintOf(name, ground))]);
  }
  const head = [
    'a fresh process',
    'start to first answer, ms',
    'memory after one call, MB',
    `memory per stream at ${STREAMS} streams, KB`,
  ];
  return toTable(head, rows);
}

function toCells(name: Name, footprint: Footprint | null): string[] {
  const isSluice = name === 'sluice';
  return [
    judged(footprint?.startMs, 0, isSluice ? { atMost: 1000 } : {}),
    judged(footprint?.idleMb, 0, isSluice ? { atMost: 120 } : {}),
    judged(footprint?.perStreamKb, 0, isSluice ? { atMost: 200 } : {}),
  ];
}

async function footprintOf(name: Name, ground: Ground): Promise<Footprint | null> {
  const candidate = ground.candidates.get(name);
  if (candidate === undefined) return null;
  const startMs: number[] = [];
  const idleMb: number[] = [];
  const start = (): Promise<Subject> => candidate.start(ground.upstream.url, ground.cores?.server ?? null);
  for (let round = 0; round < STARTS; round++) {
    const startedAt = performance.now();
    const server = name === 'sluice' ? await startShipped(ground) : (await start()).server;
    startMs.push(performance.now() - startedAt);
    idleMb.push(server.residentMb());
    server.stop();
  }
  const subject = await start();
  const perStreamKb = await perStreamKbOf(subject);
  subject.server.stop();
  return { startMs: median(startMs), idleMb: median(idleMb), perStreamKb };
}

/** Sluice as `npm start` starts it, with a copy of its own configuration; the demo model answers the first call. */
async function startShipped({ cores }: Ground): Promise<Server> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const cwd = makeTemporaryFolder('bench-start');
  cpSync(join(root, 'config'), join(cwd, 'config'), { recursive: true });
  const port = await freePort();
  const command = [process.execPath, join(root, 'src/main.js'), '--port', String(port)];
  const server = startProgram('sluice', `http://127.0.0.1:${port}`, command, {
    cores: cores?.server ?? null,
    cwd,
    isSilent: true,
  });
  await untilAnswered(server.url, {}, 'demo');
  return server;
}

async function perStreamKbOf(subject: Subject): Promise<number> {
  await untilAnswered(subject.server.url, subject.headers);
  const idleMb = subject.server.residentMb();
  let mostMb = idleMb;
  const sampler = setInterval(() => {
    mostMb = Math.max(mostMb, subject.server.residentMb());
  }, SAMPLE_MS);
  try {
    await readWholeStreams(ladderLoad(subject, STREAMS));
  } finally {
    clearInterval(sampler);
  }
  return ((mostMb - idleMb) * 1024) / STREAMS;
}
