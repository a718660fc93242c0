/** The kernel counts CPU time in ticks of up to 10 ms: shorter work is repeated. */
const LEAST_MS = 60;

/** Milliseconds of CPU that this thread takes for some work: the least of three tries, without what else the machine does. */
export function cpuMs(work: () => unknown): number {
  const once = (runs: number): number => {
    const before = process.threadCpuUsage();
    for (let run = 0; run < runs; run++) work();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  };
  let runs = 1;
  let total = once(runs);
  while (total < LEAST_MS) {
    runs *= 2;
    total = once(runs);
  }
  return Math.min(total, once(runs), once(runs)) / runs;
}

/** How many times the CPU time grows where the work grows eightfold: 8 when it is linear, 64 when it is quadratic. */
export function growthOf(workOf: (size: number) => () => unknown, size: number): number {
  const [small, large] = [workOf(size), workOf(8 * size)];
  // Both are compiled before anything counts.
  small();
  large();
  return cpuMs(large) / cpuMs(small);
}
