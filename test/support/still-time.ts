import { onTestFinished, vi } from 'vitest';

/** From here on time stands still, until it is moved with `vi.advanceTimersByTime`: no machine is too slow for a deadline. */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}
