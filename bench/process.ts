import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Clock ticks per second of /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A server under test, in a process of its own. */
export interface Server {
  readonly name: string;
  readonly url: string;
  /** CPU time used so far, in seconds, by the kernel's account. */
  cpuSeconds(): number;
  /** Resident memory, in MB. */
  residentMb(): number;
  stop(): void;
}

/** Forks a module that reports its port by IPC. */
export async function startServer(name: string, module: string, args: readonly string[]): Promise<Server> {
  const child = fork(new URL(module, import.meta.url), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = await portOf(child, name);
  return toServer(name, `http://127.0.0.1:${port}`, child);
}

function portOf(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('exit', (code) => reject(new Error(`${name} ended with code ${code} before it listened`)));
  });
}

function toServer(name: string, url: string, child: ChildProcess): Server {
  const statOf = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    name,
    url,
    cpuSeconds() {
      // Fields 14 and 15 (utime, stime); the name before them may hold spaces.
      const fields = statOf('stat').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(statOf('status'))?.[1] ?? 0) / 1024,
    stop: () => void child.kill('SIGKILL'),
  };
}
