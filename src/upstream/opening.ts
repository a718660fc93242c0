import type { Timeouts } from '../config/config.ts';
import type { Dialect, UpstreamRequest } from '../languages/dialect.ts';
import { AttemptError, fail } from '../protocol/failure.ts';
import type { Provider } from '../providers/provider.ts';
import { withAddress } from './address.ts';
import { decodeBody, readErrorText } from './body.ts';
import type { UpstreamClient } from './client.ts';
import { toUpstreamFailure } from './network-failure.ts';
import type { Answer, Body } from './receiver.ts';
import type { Watchdog } from './watchdog.ts';

/** What is sent, and how its answer is told from a failure. */
export interface Opening {
  readonly client: UpstreamClient;
  readonly provider: Provider;
  readonly apiKey: string | null;
  readonly message: UpstreamRequest;
  readonly timeouts: Pick<Timeouts, 'connectMs'>;
  readonly isStream: boolean;
  readonly failure: Dialect['failure'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Sends a request and waits for a good head; gives the body behind it. @throws AttemptError */
export async function openAnswer(opening: Opening, watchdog: Watchdog): Promise<Body> {
  const { client, provider, apiKey, message, timeouts, isStream, failure, now } = opening;
  if (watchdog.hasEnded()) throw watchdog.reason();
  let answer: Answer;
  try {
    const sent = client.send(provider, apiKey, message, { connectMs: timeouts.connectMs, isStream });
    watchdog.guard(sent);
    answer = await sent.answer;
  } catch (error) {
    throw toUpstreamFailure(error, 'unreachable');
  }
  if (answer.statusCode === 200) return decodeBody(answer);
  const text = await readErrorText(answer);
  if (answer.statusCode > 200 && answer.statusCode < 400) {
    fail('server', `The provider answered HTTP ${answer.statusCode} instead of an answer: check its base_url.`);
  }
  throw new AttemptError(withAddress(failure(answer.statusCode, answer.headers, text, now()), provider, message.path));
}
