import { readFileSync, writeFileSync } from 'node:fs';

/** What one request cost the process. */
export interface TurnReading {
  /** CPU time of the longest turn of the event loop, in milliseconds: of this thread, garbage collection on it included. */
  readonly longestTurnMs: number;
  /** The most memory that was resident above what was before, in bytes. */
  readonly peakBytes: number;
}

/** Looks at every turn between `begin` and `end`. While it looks, the loop does not sleep. */
export interface TurnProbe {
  begin(): void;
  end(): TurnReading;
}

/**
 * A turn is what happens from one check phase of the loop to the next: everything that the sockets, timers and files
 * have to say meanwhile. The kernel counts CPU time in steps of one to three milliseconds. Memory is its own high-water
 * mark, set back at the beginning.
 */
export function createTurnProbe(): TurnProbe {
  let isOn = false;
  let longestMs = 0;
  let before = 0;
  let baseBytes = 0;
  const look = (): void => {
    if (!isOn) return;
    const now = cpuMs();
    longestMs = Math.max(longestMs, now - before);
    before = now;
    setImmediate(look);
  };
  return {
    begin() {
      globalThis.gc?.();
      globalThis.gc?.();
      writeFileSync('/proc/self/clear_refs', '5');
      baseBytes = residentBytes('VmRSS');
      isOn = true;
      longestMs = 0;
      before = cpuMs();
      setImmediate(look);
    },
    end() {
      isOn = false;
      return { longestTurnMs: longestMs, peakBytes: Math.max(0, residentBytes('VmHWM') - baseBytes) };
    },
  };
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function residentBytes(field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1]) * 1024;
}
