import { describe, expect, it } from 'vitest';
import { openaiFor } from '../clients/client.ts';
import { ask, runLane } from '../support/native-pair.ts';
import { loadRecordings } from '../support/recordings.ts';
import { reportsFailure } from '../support/reported-failure.ts';
import { eventsIn } from '../support/responses.ts';

const recordings = (loadRecordings() ?? []).filter(
  (one) => one.provider === 'openai' && one.api === 'responses' && one.kind === 'stream' && !reportsFailure(one),
);

describe.skipIf(recordings.length === 0)('a recorded stream of OpenAI (skipped unless RECORDINGS_DIR is set)', () => {
  it.each(recordings)('$name passes, cut anywhere', async ({ body }) => {
    const { gateway, openai } = await runLane();
    openai.answer({ headers: { 'content-type': 'text/event-stream' }, body, pieceBytes: 97 });
    const text = await (await ask(gateway, { stream: true })).text();
    const [first = ''] = body.toString('utf8').split(/(?<="type":"response\.(?:completed|incomplete)".*\n)/);
    const pieces = first.split('\n').filter((line) => /^data: {"type":"[\w.]+\.delta"/.test(line));
    // The recording of a stream that is taken up again has other numbers.
    const isWhole = first.includes('"type":"response.created"');
    for (const line of isWhole ? pieces : []) expect(text).toContain(`\n${line}\n\n`);
    const told = eventsIn(text).filter(({ type }) => String(type).endsWith('.delta'));
    expect(told).toHaveLength(pieces.length);
    const read = await openaiFor(gateway).responses.stream({ model: 'm', input: 'Hello' }).finalResponse();
    expect(read.status).toMatch(/^(completed|incomplete)$/);
  });
});
