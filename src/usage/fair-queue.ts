/** Who wants something done. */
export interface Requester {
  readonly keyName: string;
  /** Aborted when the answer is not waited for any more. */
  readonly signal?: AbortSignal;
}

/**
 * Does one thing at a time, of each key in turn: who asks for much waits behind itself, and everybody else for one thing
 * of each other key at most.
 */
export interface FairQueue {
  /** Rejects with the signal's reason when it was aborted before its turn: then nothing is done. */
  run<T>(requester: Requester, work: () => Promise<T>): Promise<T>;
}

type Turn = () => Promise<void>;

export function createFairQueue(): FairQueue {
  /** The key whose turn is next comes first. */
  const waiting = new Map<string, Turn[]>();
  let isRunning = false;

  const takeNext = (): Turn | undefined => {
    const [first] = waiting;
    if (first === undefined) return undefined;
    const [keyName, turns] = first;
    const turn = turns.shift();
    // To the end of the line.
    waiting.delete(keyName);
    if (turns.length > 0) waiting.set(keyName, turns);
    return turn;
  };
  const work = async (): Promise<void> => {
    isRunning = true;
    for (let turn = takeNext(); turn !== undefined; turn = takeNext()) await turn();
    isRunning = false;
  };
  return {
    run(requester, task) {
      const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof task>>>();
      const turn: Turn = async () => {
        try {
          requester.signal?.throwIfAborted();
          resolve(await task());
        } catch (error) {
          reject(error);
        }
      };
      const own = waiting.get(requester.keyName);
      if (own) own.push(turn);
      else waiting.set(requester.keyName, [turn]);
      if (!isRunning) void work();
      return promise;
    },
  };
}
