import { type Attributes, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Call } from '../calls/call.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { CallContext } from '../routing/call-context.ts';
import type { Observer } from './observer.ts';

/** Longer is not waited for a collector when the gateway stops. */
const LAST_EXPORT_MS = 2000;

/** OpenTelemetry spans by the GenAI conventions: one per call, one per attempt of a chat, joined to the client's trace. */
export interface Tracing extends Required<Pick<Observer, 'attemptEnded' | 'callEnded'>> {
  /** @param traceparent the client's header (W3C Trace Context); what cannot be read begins a new trace */
  callStarted(call: Call, traceparent: string | undefined): void;
  /** Starts the span of an attempt. @returns headers that join the provider's spans to it */
  traceHeaders(course: CallContext, attempt: Attempt): Readonly<Record<string, string>>;
  /** Sends what is left, as far as that is quick. */
  close(): Promise<void>;
}

/** Where spans go is told by the variables `OTEL_EXPORTER_OTLP_*`. This module is loaded only when they are set. */
export function createTracing(version: string, serviceName: string): Tracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const tracer = provider.getTracer('sluice', version);
  const calls = new WeakMap<CallContext | Call, Span>();
  const attempts = new WeakMap<Attempt, Span>();
  return {
    callStarted(call, traceparent) {
      const options = { kind: SpanKind.SERVER, startTime: call.receivedAt, attributes: askedOf(call) };
      const name = `${operationOf(call)} ${call.requestedModel}`.trim();
      calls.set(call, tracer.startSpan(name, options, parentOf(traceparent)));
    },
    traceHeaders(call, attempt) {
      const callSpan = calls.get(call);
      const parent = callSpan ? trace.setSpan(ROOT_CONTEXT, callSpan) : ROOT_CONTEXT;
      const { target, startedAt } = attempt;
      const options = { kind: SpanKind.CLIENT, startTime: startedAt, attributes: targetOf(attempt) };
      const span = tracer.startSpan(`chat ${target.facts.upstream}`, options, parent);
      attempts.set(attempt, span);
      return { traceparent: traceparentOf(span) };
    },
    attemptEnded(_call, attempt) {
      const span = attempts.get(attempt);
      span?.setAttributes(spentBy(attempt));
      if (attempt.failure) fail(span, attempt.failure.kind);
      span?.end(attempt.endedAt ?? undefined);
    },
    callEnded(call) {
      const span = calls.get(call);
      span?.setAttributes(answerOf(call));
      if (call.error) fail(span, call.error.code);
      span?.end(call.endedAt ?? undefined);
    },
    close: () =>
      Promise.race([provider.shutdown(), new Promise<void>((done) => setTimeout(done, LAST_EXPORT_MS).unref())]),
  };
}

function parentOf(traceparent: string | undefined): typeof ROOT_CONTEXT {
  const pattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;
  const [, traceId, spanId, flags = '0'] = pattern.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & 1;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}

/** No message and no text, and of errors only the kind. */
function fail(span: Span | undefined, kind: string): void {
  span?.setAttribute('error.type', kind);
  span?.setStatus({ code: SpanStatusCode.ERROR, message: kind });
}

/** `chat` for chat completions, else the name of the path: `embeddings` is the conventions' own word. */
function operationOf({ path }: Call): string {
  return path.split('/')[2] ?? '';
}

function askedOf(call: Call): Attributes {
  const { id, key, path, requestedModel, isStream } = call;
  return {
    'gen_ai.operation.name': operationOf(call),
    ...(requestedModel === '' ? {} : { 'gen_ai.request.model': requestedModel }),
    'gen_ai.request.stream': isStream,
    'url.path': path,
    'sluice.request.id': id,
    'sluice.key': key.name,
  };
}

function targetOf({ target, number }: Attempt): Attributes {
  const { hostname, port } = new URL(target.provider.baseUrl);
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': target.provider.name,
    'gen_ai.request.model': target.facts.upstream,
    'server.address': hostname,
    ...(port === '' ? {} : { 'server.port': Number(port) }),
    'sluice.attempt': number,
  };
}

function spentBy({ usage, startedAt, firstTokenAt }: Attempt): Attributes {
  return {
    ...(usage && {
      'gen_ai.usage.input_tokens': usage.prompt_tokens,
      'gen_ai.usage.output_tokens': usage.completion_tokens,
    }),
    ...(firstTokenAt === null ? {} : { 'sluice.time_to_first_token_ms': firstTokenAt - startedAt }),
  };
}

function answerOf({
  attempts,
  currentAttempt,
  finishReason,
  outcome,
  status,
  error,
  receivedAt,
  firstTokenAt,
  usage,
}: Call): Attributes {
  return {
    ...(currentAttempt && {
      'gen_ai.provider.name': currentAttempt.target.provider.name,
      'gen_ai.response.model': currentAttempt.target.facts.model,
    }),
    ...(usage && {
      'gen_ai.usage.input_tokens': usage.prompt_tokens,
      'gen_ai.usage.output_tokens': usage.completion_tokens,
    }),
    ...(finishReason === null ? {} : { 'gen_ai.response.finish_reasons': [finishReason] }),
    ...(firstTokenAt === null ? {} : { 'sluice.time_to_first_token_ms': firstTokenAt - receivedAt }),
    'http.response.status_code': error?.status ?? status,
    'sluice.outcome': outcome,
    'sluice.attempts': attempts.length,
  };
}
