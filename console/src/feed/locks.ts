/** Gives back what was taken. */
export type Release = () => void;

/** Answers that are streamed at once, over all tabs: with the live feed they leave one of a browser's six connections free. */
const MAX_STREAMS = 4;

/** Whether this browser can count over its tabs. On plain http it does so for its own machine alone. */
export const hasLocks = 'locks' in navigator;

let streamsHere = 0;

/** Waits for a lock that one tab at a time holds. @throws DOMException `AbortError` */
export async function waitForLock(name: string, abort: AbortSignal): Promise<Release> {
  return (await request(name, { signal: abort })) ?? (() => {});
}

/** Takes one of the places for streamed answers; null where all are taken. Without locks the tab counts its own. */
export async function takeStreamPlace(): Promise<Release | null> {
  if (!hasLocks) return takePlaceHere();
  for (let place = 0; place < MAX_STREAMS; place++) {
    const release = await request(`sluice-stream-${place}`, { ifAvailable: true });
    if (release !== null) return release;
  }
  return null;
}

function takePlaceHere(): Release | null {
  if (streamsHere >= MAX_STREAMS) return null;
  streamsHere++;
  return () => {
    streamsHere--;
  };
}

/** A lock is held for as long as a promise is open; null where it is not to be had at once. */
function request(name: string, options: LockOptions): Promise<Release | null> {
  return new Promise((resolve, reject) => {
    const hold = (lock: Lock | null): Promise<void> | null => {
      if (lock !== null) return new Promise<void>(resolve);
      resolve(null);
      return null;
    };
    navigator.locks.request(name, options, hold).catch(reject);
  });
}
