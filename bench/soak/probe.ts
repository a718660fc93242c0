import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reading } from './reading.ts';

/** A gateway in a process of its own, that tells what it holds. */
export interface Probed {
  readonly url: string;
  read(): Promise<Reading>;
  /** Also removes its usage log. */
  stop(): Promise<void>;
}

/** Starts `gateway.ts`. @throws when it ends before it listens */
export async function startProbed(providerUrl: string): Promise<Probed> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
  const child = fork(new URL('./gateway.ts', import.meta.url), [providerUrl, folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Counting objects in the heap is experimental.
    execArgv: [...process.execArgv, '--expose-gc', '--disable-warning=ExperimentalWarning'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The gateway ended with code ${code}.`);
  });
  // Told to whoever waits for a message.
  ended.catch(() => undefined);
  const message = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), ended]))[0];
  const { port } = (await message()) as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    async read() {
      child.send('read');
      return ((await message()) as { reading: Reading }).reading;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended.catch(() => undefined);
      rmSync(folder, { recursive: true });
    },
  };
}
