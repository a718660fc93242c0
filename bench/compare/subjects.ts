import { startGatewayProcess } from '../../lab/gateway.ts';
import { type Server, startServer } from '../../lab/server-process.ts';
import { gatewaySettings } from '../gateway-settings.ts';
import type { Candidate, Name, Subject } from './candidate.ts';
import { findNginx } from './nginx.ts';
import { findPortkey } from './portkey.ts';

/** Those that are there; the reader is told how to get the others. */
export function findCandidates(): { found: ReadonlyMap<Name, Candidate>; missing: readonly string[] } {
  const all: readonly (readonly [Name, Candidate | string])[] = [
    ['bare', { title: 'bare', start: startBare }],
    ['sluice', { title: 'Sluice', start: startSluice }],
    ['nginx', findNginx()],
    ['portkey', findPortkey()],
  ];
  return {
    found: new Map(all.flatMap(([name, found]) => (typeof found === 'string' ? [] : [[name, found]]))),
    missing: all.flatMap(([, found]) => (typeof found === 'string' ? [found] : [])),
  };
}

/** The upstream itself, with nothing between. */
export function direct(upstream: Server): Subject {
  return { name: 'direct', server: upstream, headers: {}, geminiHeaders: {} };
}

async function startBare(upstreamUrl: string, cores: string | null): Promise<Subject> {
  const server = await startServer('bare', './bare.ts', [`${upstreamUrl}/v1`], { cores });
  return { name: 'bare', server, headers: {}, geminiHeaders: {} };
}

async function startSluice(upstreamUrl: string, cores: string | null): Promise<Subject> {
  const server = await startGatewayProcess(gatewaySettings(upstreamUrl), { name: 'sluice', cores });
  return { name: 'sluice', server, headers: {}, geminiHeaders: {} };
}
