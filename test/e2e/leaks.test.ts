import { describe, expect, it, onTestFinished } from 'vitest';
import { chatStream, firstWordBytes } from '../support/chat-answers.ts';
import { configFor, openGateway, type TestGateway } from '../support/gateway.ts';
import { type Requests, requestsOf, resumable } from '../support/requests.ts';
import { createUpstream, type UpstreamAnswer } from '../support/upstream.ts';

const ANSWER = chatStream('Hel', 'lo');
const ROUNDS = 12;

/** What may become of a call, and of those who read it. */
const FATES: readonly ((response: Promise<Response>, id: string, requests: Requests, leave: () => void) => unknown)[] =
  [
    async (response) => (await response).text(),
    (_response, id, { cancel }) => cancel(id),
    (_response, _id, _requests, leave) => leave(),
    async (response, _id, _requests, leave) => {
      await (await response).body?.getReader().read();
      leave();
    },
    async (_response, id, { resume, cancel }, leave) => {
      leave();
      const readers = [resume(id), resume(id, 1), resume(id)];
      await Promise.all(readers.map(async (reader) => (await reader).body?.getReader().read()));
      await cancel(id);
    },
  ];
const ANSWERS: readonly UpstreamAnswer[] = [
  ANSWER,
  { ...ANSWER, stallAfterBytes: firstWordBytes(ANSWER) },
  { ...ANSWER, destroyAfterBytes: firstWordBytes(ANSWER) },
];

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
}

async function health({ url }: TestGateway): Promise<number> {
  const { calls_in_flight: calls } = (await (await fetch(`${url}/health`)).json()) as { calls_in_flight: number };
  return calls;
}

describe('after calls of all kinds, cancelled and aborted ones too,', () => {
  it('nothing leaks: no call, no listener, no socket', async () => {
    const warnings: string[] = [];
    const warn = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
    process.on('warning', warn);
    onTestFinished(() => void process.off('warning', warn));
    const before = sockets();
    const upstream = await createUpstream();
    const gateway = await openGateway(
      configFor(upstream.url, 'server: { drain: 0ms }\nresume: { grace: 10ms, keep: 50ms }\n'),
    );
    const requests = requestsOf(gateway);
    upstream.answer((_request, number) => ANSWERS[number % ANSWERS.length] ?? ANSWER);

    const live = async (id: string, fate: (typeof FATES)[number]): Promise<void> => {
      const client = new AbortController();
      const response = gateway.chat({ stream: true }, { ...resumable(id), signal: client.signal });
      response.catch(() => undefined);
      // A reader whose call ends under its hands is part of the test.
      await Promise.resolve(fate(response, id, requests, () => client.abort())).catch(() => undefined);
    };
    const calls = Array.from({ length: ROUNDS }, (_, round) =>
      FATES.map((fate, index) => live(`${round}-${index}`, fate)),
    );
    const releasing = setInterval(() => upstream.release(), 50);
    await Promise.all(calls.flat());
    // A cancel may have come before its call.
    await expect.poll(() => health(gateway), { interval: 5 }).toBe(0);
    clearInterval(releasing);

    await gateway.close();
    await upstream.close();
    await expect.poll(sockets, { interval: 5 }).toBeLessThanOrEqual(before);
    expect(warnings).toEqual([]);
  });
});
