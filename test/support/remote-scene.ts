import { onTestFinished } from 'vitest';
import { chatStream } from './chat-answers.ts';
import { openGateway, type TestGateway } from './gateway.ts';
import { createRemoteProvider, type RemoteProvider } from './remote-provider.ts';
import { clientOf, type StoredClient } from './stored.ts';
import { createUpstream, type TestUpstream } from './upstream.ts';

/** A gateway before a provider that keeps its own state, and another provider; and two clients that must not meet. */
export interface RemoteScene {
  readonly gateway: TestGateway;
  /** Serves `m` and `m2`: what it answers it keeps. */
  readonly provider: RemoteProvider;
  /** Serves `other`, a fallback of `m`. */
  readonly other: TestUpstream;
  readonly a: StoredClient;
  readonly b: StoredClient;
}

/** Starts it over this database; ended with the test. @param keys of the provider */
export async function openRemote(url: string, keys: readonly string[] = ['k1'], more = ''): Promise<RemoteScene> {
  const provider = await createRemoteProvider();
  const other = await createUpstream(chatStream('from ', 'another'));
  const gateway = await openGateway(
    'auth: { keys: [{ name: a, key: key-a }, { name: b, key: key-b }] }\n' +
      `providers:\n  ai: { kind: openai, base_url: "${provider.url}/v1", api_keys: [${keys.join(', ')}], responses: theirs }\n` +
      `  up: { kind: openai-compatible, base_url: "${other.url}/v1" }\n` +
      'models:\n  m: { provider: ai, upstream: gpt-6, fallbacks: [other] }\n  m2: { provider: ai, upstream: gpt-6-mini }\n' +
      '  other: { provider: up }\n  both: { targets: [m, other] }\n' +
      `database: { url: ${JSON.stringify(url)} }\nserver: { drain: 0ms }\nretry: { max_retries: 0 }\n${more}`,
  );
  onTestFinished(async () => {
    await gateway.close();
    await provider.close();
    await other.close();
  });
  return { gateway, provider, other, a: clientOf(gateway.url, 'key-a'), b: clientOf(gateway.url, 'key-b') };
}
