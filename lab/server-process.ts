import { type ChildProcess, type Serializable, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Clock ticks per second of /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A server under test, in a process of its own. */
export interface Server {
  readonly name: string;
  readonly url: string;
  /** CPU time used so far, in seconds, by the kernel's account: all threads that are alive. */
  cpuSeconds(): number;
  /** Resident memory, in MB. */
  residentMb(): number;
  /** Sends a message to one that answers messages. @throws when it ends before it answers */
  ask(message: unknown): Promise<unknown>;
  stop(): void;
  /** Resolves when its process has ended. */
  readonly ended: Promise<void>;
}

const children = new Set<ChildProcess>();
// Whatever ends the bench, nothing of it stays behind.
process.once('exit', () => {
  for (const child of children) child.kill();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Where the modules stand that are started. */
const BENCH = new URL('../bench/', import.meta.url);

/** Starts a module (of `bench/`, unless its whole URL is given) that reports its port by IPC. @throws when it ends before */
export async function startServer(
  name: string,
  module: string | URL,
  args: readonly string[] = [],
  { cores = null, flags = [] }: { readonly cores?: string | null; readonly flags?: readonly string[] } = {},
): Promise<Server> {
  const path = fileURLToPath(new URL(module, BENCH));
  const command = [process.execPath, ...process.execArgv, ...flags, path, ...args];
  const child = launch(command, cores, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const { port } = (await nextMessage(child, name)) as { port: number };
  const server = toServer(name, `http://127.0.0.1:${port}`, child, () => child.pid ?? 0);
  // In the middle of a long turn it hears no other signal.
  return { ...server, stop: () => void child.kill('SIGKILL') };
}

/** How a program runs that is not ours. */
export interface ProgramOptions {
  /** A list for taskset. */
  readonly cores: string | null;
  /** The directory it runs in; this one unless told otherwise. */
  readonly cwd?: string;
  /** What it writes to stderr is shown only if it fails. */
  readonly isSilent?: boolean;
  /** The process that does the work, where it is not the one that was started. */
  readonly worker?: (pid: number) => number;
}

/** Starts a program and does not wait until it listens. */
export function startProgram(name: string, url: string, command: readonly string[], options: ProgramOptions): Server {
  const { cores, cwd = process.cwd(), isSilent = false, worker = (pid) => pid } = options;
  const child = launch(command, cores, { cwd, stdio: ['ignore', 'ignore', isSilent ? 'pipe' : 'inherit'] });
  let told = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    told = `${told}${bytes}`.slice(-2000);
  });
  child.once('exit', (code) => {
    if (code !== 0 && code !== null) process.stderr.write(`${name} ended with code ${code}. ${told}\n`);
  });
  return toServer(name, url, child, () => worker(child.pid ?? 0));
}

/** The only child of a process. */
export function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

function launch(command: readonly string[], cores: string | null, options: SpawnOptions): ChildProcess {
  const [program = '', ...args] = cores === null ? command : ['taskset', '--cpu-list', cores, ...command];
  const child = spawn(program, args, options);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

function nextMessage(child: ChildProcess, name: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const fail = (code = child.exitCode): void => reject(new Error(`${name} ended with code ${code}`));
  child.once('message', resolve).once('exit', fail);
  if (!child.connected) fail();
  return promise.finally(() => child.off('message', resolve).off('exit', fail));
}

function toServer(name: string, url: string, child: ChildProcess, pid: () => number): Server {
  return {
    name,
    url,
    cpuSeconds: () => cpuSecondsOf(pid()),
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid()}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    async ask(message) {
      if (child.connected) child.send(message as Serializable);
      return ((await nextMessage(child, name)) as { answer: unknown }).answer;
    },
    stop: () => void child.kill(),
    ended: new Promise((resolve) => child.once('exit', () => resolve())),
  };
}

/** From the scheduler, in nanoseconds; from the ticks of 10 ms where the kernel keeps no such account. */
function cpuSecondsOf(pid: number): number {
  if (!existsSync(`/proc/${pid}/schedstat`)) return tickSecondsOf(pid);
  const ofThread = (id: string): number =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
  return readdirSync(`/proc/${pid}/task`).reduce((sum, id) => sum + ofThread(id), 0);
}

function tickSecondsOf(pid: number): number {
  // Fields 14 and 15 (utime, stime); the name before them may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
