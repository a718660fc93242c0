import { execFileSync, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** Lists of cores as taskset reads them. */
export interface Cores {
  /** The one core of the server under test. */
  readonly server: string;
  /** Those of upstream and load generator. */
  readonly driver: string;
}

const TASKSET = 'taskset';

/** Who gets which cores; null where nothing can be pinned: on one core, or without taskset. */
export function splitCores(): Cores | null {
  const count = cpus().length;
  if (count < 2 || spawnSync(TASKSET, ['--version']).status !== 0) return null;
  return { server: '0', driver: count === 2 ? '1' : `1-${count - 1}` };
}

/** Moves this process with all its threads, and so everything that it starts from now on. */
export function pinSelf(cores: string): void {
  execFileSync(TASKSET, ['--all-tasks', '--cpu-list', '--pid', cores, String(process.pid)], { stdio: 'ignore' });
}
