import { chatStream, firstWordBytes } from './chat-answers.ts';
import { configFor, runGateway, type TestGateway } from './gateway.ts';
import { type Requests, requestsOf, resumable, TWO_KEYS } from './requests.ts';
import { runUpstream, type TestUpstream } from './upstream.ts';

/** An answer of several chunks, with characters of one to four bytes. */
export const ANSWER = chatStream('Hel', 'lo, ', 'Wörld ', '日本語', ' 🚀🚀', ' and', ' the', ' end', '.');
/** Its text. */
export const TEXT = 'Hello, Wörld 日本語 🚀🚀 and the end.';
/** The answer that stalls after its first chunk, until it is released. */
const IN_MID_STREAM = { ...ANSWER, stallAfterBytes: firstWordBytes(ANSWER) };

/** A provider that stalls in mid-stream, and a gateway for one resumable call, `mine`, of `key-a`. */
export class ResumableScene {
  readonly upstream: TestUpstream;
  gateway: TestGateway;

  constructor(upstream: TestUpstream, gateway: TestGateway) {
    this.upstream = upstream;
    this.gateway = gateway;
  }

  /** The endpoints under `/v1/requests`, asked with `key-a`. */
  get requests(): Requests {
    return requestsOf(this.gateway, 'key-a');
  }

  /** Another gateway before the same provider, with these settings of `resume` and `server`. */
  async start(resume: string, server = NO_DRAIN): Promise<void> {
    this.gateway = await runWith(this.upstream, resume, server);
  }

  /** Starts the call `mine`. */
  ask(body: object = {}, init: RequestInit = {}): Promise<Response> {
    const response = this.gateway.chat({ stream: true, ...body }, { ...resumable('mine'), ...init });
    response.catch(() => undefined);
    return response;
  }

  /** A whole stream that no client disturbed. `created` is the one thing in which another run may differ. */
  async undisturbed(): Promise<string> {
    this.upstream.answer(ANSWER);
    return (await this.ask()).text();
  }

  async resumeText(lastId?: number | string): Promise<string> {
    return (await this.requests.resume('mine', lastId)).text();
  }

  async refusalOf(lastId?: number | string): Promise<unknown[]> {
    return refusal(await this.requests.resume('mine', lastId));
  }
}

const NO_DRAIN = '{ drain: 0ms }';

/** Starts it with `drain: 0ms`, which ends the gateway at once. */
export async function runResumable(): Promise<ResumableScene> {
  const upstream = await runUpstream(IN_MID_STREAM);
  return new ResumableScene(upstream, await runWith(upstream, '{}', NO_DRAIN));
}

function runWith(upstream: TestUpstream, resume: string, server: string): Promise<TestGateway> {
  const keys = TWO_KEYS.replace(NO_DRAIN, server);
  return runGateway(configFor(upstream.url, `${keys}resume: ${resume}\n`));
}

/** What a client got before it lost its connection. */
export interface Received {
  /** Whole events only. */
  readonly text: string;
  readonly lastId: number;
}

/** Reads this many bytes of a stream and drops the connection; what is no whole event then is lost. */
export async function drop(response: Response, count: number): Promise<Received> {
  const reader = response.body?.getReader();
  let bytes = Buffer.alloc(0);
  while (bytes.length < count) {
    const piece = await reader?.read();
    if (!piece?.value) break;
    bytes = Buffer.concat([bytes, piece.value]);
  }
  await reader?.cancel();
  const cut = bytes.subarray(0, count);
  const end = cut.lastIndexOf('\n\n');
  const text = end < 0 ? '' : cut.subarray(0, end + 2).toString('utf8');
  return { text, lastId: Number([...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? 0) };
}

/** Status and code of an error. */
export async function refusal(response: Response): Promise<unknown[]> {
  const { error } = (await response.json()) as { error: { code: string } };
  return [response.status, error.code];
}
