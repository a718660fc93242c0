/** `npm run bench -- observers`: what the usage log and the log lines cost, the same gateway with and without them. */

import { startGatewayProcess } from '../lab/gateway.ts';
import { type Server, startServer } from '../lab/server-process.ts';
import { median } from './compare/figures.ts';
import { toHead, toLine } from './compare/table.ts';
import { gatewaySettings } from './gateway-settings.ts';
import { plainCalls, streams } from './load.ts';

const EVENTS = 100;
const ROUNDS = 7;
const PLAIN_CALLS = 3000;
const STREAMS = 400;

const upstream = await startServer('upstream', './upstream.ts', ['0', String(EVENTS)]);
const on = await startGatewayProcess(gatewaySettings(upstream.url), { name: 'on' });
const off = await startGatewayProcess(gatewaySettings(upstream.url, false), { name: 'off', log: 'silent' });

async function cpuUs(server: Server, units: number, work: () => Promise<unknown>): Promise<number> {
  const before = server.cpuSeconds();
  await work();
  return ((server.cpuSeconds() - before) * 1e6) / units;
}

/** Both in turns, after a round that only warms up. */
async function row(what: string, units: number, work: (url: string) => Promise<unknown>): Promise<string> {
  const without: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const plain = await cpuUs(off, units, () => work(off.url));
    const observed = await cpuUs(on, units, () => work(on.url));
    if (round === 0) continue;
    without.push(plain);
    ratios.push(observed / plain);
  }
  return toLine([what, median(without).toFixed(1), `${((median(ratios) - 1) * 100).toFixed(0)} %`]);
}

try {
  process.stdout.write(toHead(['per', 'CPU µs without', 'with usage log and log lines']));
  process.stdout.write(await row('plain call', PLAIN_CALLS, (url) => plainCalls(url, 'bench', PLAIN_CALLS, 8)));
  process.stdout.write(await row('streamed chunk', STREAMS * EVENTS, (url) => streams(url, 'bench', STREAMS, 8)));
} finally {
  for (const server of [upstream, on, off]) server.stop();
}
process.exit(0);
