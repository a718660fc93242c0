import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** It listens, and then never takes a connection: its one thread sleeps. */
const SCRIPT = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;
/** Column of the state in `/proc/net/tcp`, and the kernel's number for "greeting sent, no answer". */
const STATE_COLUMN = 3;
const SYN_SENT = '02';
/** More than fit into the queue of a server that takes none. */
const FILLERS = 6;

/** A host that does not accept connections, for a test on Linux. */
export interface DeafHost {
  readonly url: string;
  /** How many connections to it wait for its first answer, besides those that fill its queue. */
  connecting(): number;
}

/** Gone when the test is finished. */
export async function runDeafHost(): Promise<DeafHost> {
  const child = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await portOf(child);
  const fillers = Array.from({ length: FILLERS }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  });
  await once(fillers[0] as Socket, 'connect');
  const before = countConnecting(port);
  return { url: `http://127.0.0.1:${port}`, connecting: () => countConnecting(port) - before };
}

async function portOf({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('The host has no output.');
  const [text] = (await once(stdout, 'data')) as [Buffer];
  return Number(text.toString());
}

function countConnecting(port: number): number {
  const address = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const fields = rows.map((row) => row.trim().split(/\s+/));
  return fields.filter((row) => row[2]?.endsWith(address) && row[STATE_COLUMN] === SYN_SENT).length;
}
