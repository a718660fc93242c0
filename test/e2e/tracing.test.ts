import { beforeEach, describe, expect, it, vi } from 'vitest';
import { isRecord, type JsonRecord, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { chatCompletion } from '../support/chat-answers.ts';
import { configFor, runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';

let collector: TestUpstream;
let upstream: TestUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  collector = await runUpstream();
  upstream = await runUpstream(chatCompletion('Hi'));
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
  gateway = await runGateway(
    configFor(upstream.url).replace('m: {', 'm: { retry: { max_retries: 1, initial_delay: 1ms },'),
  );
  vi.unstubAllEnvs();
});

interface ExportedSpan {
  readonly traceId: unknown;
  readonly spanId: unknown;
  readonly parentSpanId: unknown;
  readonly name: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly error: boolean;
}

/** The spans that the collector received, in the order in which the spans ended. Stops the gateway. */
async function exportedSpans(): Promise<readonly ExportedSpan[]> {
  await gateway.stop();
  const resources = collector.requests.flatMap(({ body }) => recordsOf(recordOf(body)['resourceSpans']));
  const scopes = resources.flatMap((resource) => recordsOf(resource['scopeSpans']));
  return scopes.flatMap((scope) => recordsOf(scope['spans'])).map(toExportedSpan);
}

function toExportedSpan(span: JsonRecord): ExportedSpan {
  const { traceId, spanId, parentSpanId, name } = span;
  const pairs = recordsOf(span['attributes']).map(({ key, value }) => [key, attributeOf(value)]);
  const error = recordOf(span['status'])['code'] === 2;
  return { traceId, spanId, parentSpanId, name, attributes: Object.fromEntries(pairs), error };
}

function attributeOf(value: unknown): unknown {
  const [only] = Object.values(recordOf(value));
  return isRecord(only) ? recordsOf(only['values']).map(attributeOf) : only;
}

describe('OpenTelemetry tracing with a collector', () => {
  it('makes a span of a call with a span for each attempt, by the GenAI semantic conventions', async () => {
    upstream.answer((_request, number) => (number === 1 ? { status: 500 } : chatCompletion('Hi')));
    const response = await gateway.chat({ model: 'm-alias' }, { headers: { 'x-request-id': 'traced' } });
    expect(response.status).toBe(200);
    const [failed, answered, call] = await exportedSpans();
    expect(call).toMatchObject({
      name: 'chat m-alias',
      error: false,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'm-alias',
        'gen_ai.response.model': 'm',
        'gen_ai.provider.name': 'up',
        'gen_ai.usage.input_tokens': 3,
        'gen_ai.usage.output_tokens': 2,
        'gen_ai.response.finish_reasons': ['stop'],
        'sluice.request.id': 'traced',
        'sluice.attempts': 2,
        'sluice.outcome': 'completed',
      },
    });
    expect(failed).toMatchObject({ error: true, attributes: { 'error.type': 'server', 'sluice.attempt': 1 } });
    expect(answered).toMatchObject({
      name: 'chat m-upstream',
      error: false,
      attributes: {
        'gen_ai.request.model': 'm-upstream',
        'server.address': '127.0.0.1',
        'gen_ai.usage.output_tokens': 2,
      },
    });
    for (const attempt of [failed, answered]) {
      expect(attempt).toMatchObject({ traceId: call?.traceId, parentSpanId: call?.spanId });
    }
  });

  it('continues the traceparent of the client, and passes it to the provider', async () => {
    await gateway.chat({}, { headers: { traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` } });
    const [attempt, call] = await exportedSpans();
    expect(call).toMatchObject({ traceId: TRACE_ID, parentSpanId: PARENT_ID });
    expect(upstream.requests[0]?.headers['traceparent']).toBe(`00-${TRACE_ID}-${attempt?.spanId}-01`);
  });

  it('exports no call that the client does not sample, and passes that to the provider', async () => {
    await gateway.chat({}, { headers: { traceparent: `00-${TRACE_ID}-${PARENT_ID}-00` } });
    expect(await exportedSpans()).toEqual([]);
    expect(upstream.requests[0]?.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
  });

  it.each(['garbage', '', `00-${'0'.repeat(32)}-${PARENT_ID}-01`, `ff-${TRACE_ID}-${PARENT_ID}-01`])(
    'begins a new trace for an invalid traceparent such as "%s"',
    async (traceparent) => {
      await gateway.chat({}, { headers: { traceparent } });
      const [, call] = await exportedSpans();
      expect(call?.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(call?.traceId).not.toBe(TRACE_ID);
    },
  );

  it('says in the span why a call failed, and has no message content', async () => {
    upstream.answer({ status: 400, body: '{"error":{"message":"secret words"}}' });
    await gateway.chat({ messages: [{ role: 'user', content: 'secret question' }] });
    const spans = await exportedSpans();
    expect(spans.at(-1)).toMatchObject({
      error: true,
      attributes: { 'error.type': 'invalid_request_error', 'http.response.status_code': 400 },
    });
    expect(JSON.stringify(collector.requests)).not.toContain('secret');
  });

  it('that is gone, calls are served all the same', async () => {
    await collector.close();
    expect((await gateway.chat({})).status).toBe(200);
    await gateway.stop();
  });
});

it('OpenTelemetry tracing without a collector sends no traceparent to the provider', async () => {
  const plain = await runGateway(configFor(upstream.url));
  await plain.chat({}, { headers: { traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` } });
  expect(upstream.requests[0]?.headers).not.toHaveProperty('traceparent');
});
