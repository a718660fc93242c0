import { streamAnswer } from './answer.ts';
import type { TranslatedCall } from './call.ts';
import type { EventLog } from './event-log.ts';
import type { CallRun } from './run-call.ts';

/**
 * Runs a call to its end, with or without a reader: a client that leaves ends nothing, and one that reads slowly holds nothing up.
 * @throws GatewayError where the call failed; its events say so as well
 */
export async function runDetached(run: CallRun<TranslatedCall>, log: EventLog): Promise<void> {
  try {
    await streamAnswer(run, {
      hasBegun: () => log.size() > 0,
      write(frames) {
        log.append(frames);
        return true;
      },
      drained: async () => undefined,
      end: (frames) => log.append(frames),
    });
  } finally {
    log.end();
  }
}
