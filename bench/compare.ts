/** `npm run bench`, or `npm run bench -- quick`: the gateway beside a bare proxy, in turns, as a Markdown table. */
import { cpus } from 'node:os';
import { type Latency, percentile, plainCalls, streams } from './load.ts';
import { type Server, startServer } from './process.ts';

const EVENTS = 100;
const isQuick = process.argv.includes('quick');
const rounds = isQuick ? 3 : 7;
const plainCount = isQuick ? 2000 : 5000;
const streamCount = isQuick ? 100 : 200;
const CONCURRENT_STREAMS = 50;

interface Scenario {
  readonly name: string;
  /** What one unit of work is, and how many a round has. */
  readonly unit: string;
  readonly units: number;
  readonly goal: string;
  run(server: Server): Promise<Latency>;
  readonly bare: Server;
  readonly gateway: Server;
}

interface Figures {
  readonly cpuUs: number;
  readonly p50: number;
  readonly p99: number;
}

const paced = await startServer('upstream', './upstream.ts', ['20', String(EVENTS)]);
const burst = await startServer('upstream', './upstream.ts', ['0', String(EVENTS)]);
const barePaced = await startServer('bare', './bare.ts', [paced.url]);
const bareBurst = await startServer('bare', './bare.ts', [burst.url]);
const gatewayPaced = await startServer('gateway', './gateway.ts', [`${paced.url}/v1`, `${paced.url}/v1beta`]);
const gatewayBurst = await startServer('gateway', './gateway.ts', [`${burst.url}/v1`, `${burst.url}/v1beta`]);
const servers = [paced, burst, barePaced, bareBurst, gatewayPaced, gatewayBurst];

const chunks = streamCount * EVENTS;
const pacedPair = { bare: barePaced, gateway: gatewayPaced };
const burstPair = { bare: bareBurst, gateway: gatewayBurst };
const SCENARIOS: readonly Scenario[] = [
  {
    name: 'plain call',
    unit: 'call',
    units: plainCount,
    goal: '1.6',
    run: ({ url }) => plainCalls(url, 'bench', plainCount, 8),
    ...burstPair,
  },
  {
    name: 'stream, chat, 20 ms apart',
    unit: 'chunk',
    units: chunks,
    goal: '1.35',
    run: ({ url }) => streams(url, 'bench', streamCount, CONCURRENT_STREAMS),
    ...pacedPair,
  },
  {
    name: 'stream, Gemini, 20 ms apart',
    unit: 'chunk',
    units: chunks,
    goal: '1.35',
    run: ({ url, name }) => streams(url, name === 'bare' ? 'bench' : 'bench-gemini', streamCount, CONCURRENT_STREAMS),
    ...pacedPair,
  },
  {
    name: 'stream, chat, at once',
    unit: 'chunk',
    units: chunks,
    goal: '-',
    run: ({ url }) => streams(url, 'bench', streamCount, 8),
    ...burstPair,
  },
];

async function measure(scenario: Scenario, server: Server): Promise<Figures> {
  const before = server.cpuSeconds();
  const { firstByteMs } = await scenario.run(server);
  const cpuUs = ((server.cpuSeconds() - before) * 1e6) / scenario.units;
  return { cpuUs, p50: percentile(firstByteMs, 0.5), p99: percentile(firstByteMs, 0.99) };
}

function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

async function compare(scenario: Scenario): Promise<string> {
  const bare: Figures[] = [];
  const gateway: Figures[] = [];
  // The first round warms both up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const figures = [await measure(scenario, scenario.bare), await measure(scenario, scenario.gateway)] as const;
    if (round === 0) continue;
    bare.push(figures[0]);
    gateway.push(figures[1]);
  }
  const of = (list: readonly Figures[], key: keyof Figures): number => median(list.map((figures) => figures[key]));
  const ratio = median(gateway.map(({ cpuUs }, round) => cpuUs / (bare[round]?.cpuUs ?? Number.NaN)));
  const pair = (key: keyof Figures, digits: number): string =>
    `${of(bare, key).toFixed(digits)} | ${of(gateway, key).toFixed(digits)}`;
  return `| ${scenario.name} | ${scenario.unit} | ${pair('cpuUs', 1)} | ${ratio.toFixed(2)} | ${scenario.goal} | ${pair('p50', 2)} | ${pair('p99', 2)} |`;
}

try {
  const [cpu] = cpus();
  process.stdout.write(
    `${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}, medians of ${rounds} rounds\n\n` +
      '| what | per | CPU µs bare | CPU µs Sluice | ratio | goal | first byte p50 ms bare | Sluice | p99 ms bare | Sluice |\n' +
      '|---|---|---|---|---|---|---|---|---|---|\n',
  );
  for (const scenario of SCENARIOS) process.stdout.write(`${await compare(scenario)}\n`);
  process.stdout.write(
    `\nmemory after the run: bare ${bareBurst.residentMb().toFixed(0)} MB, Sluice ${gatewayBurst.residentMb().toFixed(0)} MB\n`,
  );
} finally {
  for (const server of servers) server.stop();
}
process.exit(0);
