import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { TurnReading } from './turns.ts';

/** A path that reads JSON, and the model that leads to the language it is for. */
export interface JsonPath {
  readonly name: string;
  readonly path: string;
  readonly model: string;
}

const CHAT = '/v1/chat/completions';

export const PATHS: readonly JsonPath[] = [
  { name: 'chat over chat', path: CHAT, model: 'chat' },
  { name: 'chat over Gemini', path: CHAT, model: 'gemini' },
  { name: 'chat over an older Gemini', path: CHAT, model: 'older' },
  { name: 'chat over Responses', path: CHAT, model: 'responses' },
  { name: 'chat over the demo', path: CHAT, model: 'demo' },
  { name: 'router/choose', path: '/v1/router/choose', model: 'all' },
  { name: 'embeddings', path: '/v1/embeddings', model: 'chat' },
];

const LONGEST_WAIT_MS = 30_000;

const children = new Set<ChildProcess>();
// Whatever ends the bench, nothing of it stays behind.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** What became of a body; `status` is null when nobody answered in 30 seconds. */
export interface BodyReading extends TurnReading {
  readonly status: number | null;
}

/** A gateway in a process of its own, whose event loop is looked at. */
export interface Watched {
  send(path: JsonPath, body: Buffer): Promise<BodyReading>;
  stop(): void;
}

/** Starts one. @throws when it ends before it listens */
export async function startWatched(providerUrl: string): Promise<Watched> {
  const child = fork(new URL('./gateway.ts', import.meta.url), [providerUrl], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [...process.execArgv, '--expose-gc'],
  });
  children.add(child);
  const ended = once(child, 'exit').then(() => null);
  const tell = async (message: string): Promise<TurnReading | null> => {
    if (child.connected) child.send(message);
    const told = await Promise.race([once(child, 'message'), ended, wait(LONGEST_WAIT_MS, null, { ref: false })]);
    return told === null ? null : (told[0] as { reading: TurnReading | null }).reading;
  };
  const [{ port }] = (await Promise.race([once(child, 'message'), ended.then(fail)])) as [{ port: number }];
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const post = async ({ path }: JsonPath, body: Buffer): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const url = `http://127.0.0.1:${port}${path}`;
    const answer = await request(url, { method: 'POST', headers, body, dispatcher });
    await answer.body.dump();
    return answer.statusCode;
  };
  return {
    async send(path, body) {
      // A small call first: what is loaded and compiled once is not this body's.
      await post(path, Buffer.from(`{"model":"${path.model}","input":"x","messages":[{"role":"user","content":"x"}]}`));
      await tell('begin');
      const status = await Promise.race([
        post(path, body).catch(() => null),
        wait(LONGEST_WAIT_MS, null, { ref: false }),
      ]);
      // What is still done after the answer counts as well.
      await wait(100);
      const reading = status === null ? null : await tell('end');
      return {
        status: reading === null ? null : status,
        ...(reading ?? { longestTurnMs: Number.NaN, peakBytes: Number.NaN }),
      };
    },
    stop() {
      children.delete(child);
      child.kill('SIGKILL');
      void dispatcher.destroy();
    },
  };
}

function fail(): never {
  throw new Error('The gateway ended before it listened.');
}
