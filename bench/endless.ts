/**
 * A provider that never ends, and says when it was left. What is asked is `phase id`: `head` gets no answer at all,
 * `first-token` a head, `stream` a word every 5 ms, `whole` half of a body. `GET /arrived/id` answers once the
 * request is there, `GET /closed/id` once its socket is closed: with the time in nanoseconds of the machine's clock.
 */
import { type Answer, type Asked, reportPort, startProvider } from '../lab/provider.ts';
import { chatChunk } from '../lab/wire-answers.ts';

interface Visit {
  readonly arrived: PromiseWithResolvers<string>;
  readonly closed: PromiseWithResolvers<string>;
}

const PACE_MS = 5;
const CHUNK = chatChunk({ content: ' word' });

const visits = new Map<string, Visit>();
const nanoseconds = (): string => process.hrtime.bigint().toString();

function visitOf(id: string): Visit {
  const visit = visits.get(id) ?? { arrived: Promise.withResolvers(), closed: Promise.withResolvers() };
  visits.set(id, visit);
  return visit;
}

async function tell(path: string): Promise<Answer> {
  const [, what, id = ''] = path.split('/');
  const visit = visitOf(id);
  const body = await (what === 'arrived' ? visit.arrived : visit.closed).promise;
  if (what === 'closed') visits.delete(id);
  return { body };
}

const STREAM = { headers: { 'content-type': 'text/event-stream' }, end: 'open' } as const;
const PHASES: Readonly<Record<string, Answer>> = {
  head: { isRaw: true, body: [], end: 'open' },
  'first-token': { ...STREAM, body: [] },
  stream: { ...STREAM, paceMs: PACE_MS, body: { [Symbol.iterator]: endless } },
  whole: { headers: { 'content-type': 'application/json' }, body: ['{"choices":['], end: 'open' },
};

function* endless(): Generator<string> {
  for (;;) yield CHUNK;
}

function answer({ body, socket }: Asked): Answer {
  const { messages } = JSON.parse(body.toString('utf8')) as { messages: { content: string }[] };
  const [phase = '', id = ''] = messages[0]?.content.split(' ') ?? [];
  const { arrived, closed } = visitOf(id);
  socket.once('close', () => closed.resolve(nanoseconds()));
  arrived.resolve(nanoseconds());
  return PHASES[phase] ?? {};
}

reportPort(await startProvider((asked) => (asked.method === 'GET' ? tell(asked.path) : answer(asked))));
