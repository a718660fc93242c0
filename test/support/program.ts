import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './config-files.ts';

const MAIN = join(import.meta.dirname, '../../src/main.js');

/** The real program, running. */
export interface Program {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it said at its start. */
  readonly greeting: string;
  /** What it has logged so far. */
  log(): string;
}

interface Conditions {
  /** Of Node. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it looks for `.env` and keeps its database; one of its own where none is named, and the project's for npm. */
  readonly folder?: string;
  /** Whether npm starts it, as `npm start` does. */
  readonly isNpm?: boolean;
}

/** Starts the program on a free port, and waits for it to say where it listens. Ends with the test. */
export async function startProgram(configPath: string, conditions: Conditions = {}): Promise<Program> {
  const { flags = [], env = {}, folder, isNpm = false } = conditions;
  const options = ['--config', configPath, '--port', '0'];
  const [command, ...rest] = isNpm ? ['npm', 'start', '--silent', '--'] : [process.execPath, ...flags, MAIN];
  const child = spawn(command ?? '', [...rest, ...options], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isNpm ? {} : { cwd: folder ?? temporaryFolder() }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stdout.on('data', (text) => {
    log += text;
  });
  let greeting = '';
  for await (const text of child.stderr) {
    greeting += text;
    const url = /listens on (http:\S+)/.exec(greeting)?.[1];
    if (url) return { child, url, greeting, log: () => log };
  }
  throw new Error(`The program ended with: ${greeting}`);
}
