import type { UpstreamRequest } from '../languages/dialect.ts';
import { GatewayError } from '../protocol/errors.ts';
import { fail } from '../protocol/failure.ts';
import { encodeSteps } from '../protocol/json-text.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import { withRecentTurns } from '../protocol/recent-turns.ts';
import { atOnce, inTurns, type Steps } from '../protocol/turns.ts';
import type { CallContext } from './call-context.ts';
import { TYPICAL_ANSWER_TOKENS } from './needs.ts';
import type { Target } from './target.ts';

/** What a target is asked: the request of the call, or of a rescue, and its translation. */
export interface PreparedRequest {
  readonly request: ModelRequest;
  readonly message: UpstreamRequest;
}

/** What of a call decides how a request is translated. */
type Translating = Pick<CallContext, 'isStrict' | 'attempts'>;

/**
 * Translates a request for one target.
 * @throws GatewayError 400 for what the model that was asked for cannot be told; AttemptError for a fallback's
 */
export function prepare(request: ModelRequest, target: Target, call: Translating): PreparedRequest {
  return translate(request.forgetsOldest ? atOnce(fitting(request, target)) : request, target, call);
}

/**
 * The request as far as the target has room for it and a typical answer; whole where its window is not known, and for
 * a server that is asked in its client's own words, and cuts by itself.
 */
function* fitting(request: ModelRequest, { facts, provider }: Target): Steps<ModelRequest> {
  const { contextWindow } = facts;
  if (contextWindow === null || provider.chooseDialect(request, facts).isNative) return request;
  // An answer may be allowed more than the window has.
  const room = Math.min(request.maxOutputTokens ?? TYPICAL_ANSWER_TOKENS, Math.floor(contextWindow / 2));
  return yield* withRecentTurns(request, contextWindow - room);
}

function translate(request: ModelRequest, target: Target, call: Translating): PreparedRequest {
  try {
    const dialect = target.provider.chooseDialect(request, target.facts);
    if (!dialect.isNative) request.origin.refuseUnknown();
    const message = dialect.request(request, target.facts);
    if (call.isStrict && message.dropped.length > 0) refuse(target, message.dropped);
    if (request.origin.language === 'responses' && message.dropped.includes('prompt')) refusePrompt(target);
    return { request, message };
  } catch (error) {
    // Only the model that was asked for may refuse the request; a fallback that cannot say it is passed over.
    if (!(error instanceof GatewayError) || call.attempts.length === 0) throw error;
    return fail('not-found', error.message);
  }
}

/** Translates a large request and writes its JSON with turns of the event loop between: all at once would hold up others. */
export async function prepareInTurns(
  request: ModelRequest,
  target: Target,
  call: Translating,
  turn: () => Promise<void>,
): Promise<PreparedRequest> {
  await turn();
  const fit = request.forgetsOldest ? await inTurns(fitting(request, target), turn) : request;
  const { message } = translate(fit, target, call);
  await turn();
  const encoded = await inTurns(encodeSteps(message.body), turn);
  return { request: fit, message: { ...message, body: {}, encoded } };
}

/** Without its stored prompt a request has lost what was asked. */
function refusePrompt({ facts }: Target): never {
  const message = `Model '${facts.model}' cannot honour 'prompt': stored prompts live at OpenAI. Send 'instructions' and 'input'.`;
  throw new GatewayError('unsupported_parameter', message, { param: 'prompt' });
}

/** A request may have thousands of parameters that no provider knows. */
const MAX_NAMED = 20;

function refuse({ facts }: Target, dropped: readonly string[]): never {
  const shown = dropped.slice(0, MAX_NAMED).map((name) => `'${name.slice(0, 100)}'`);
  const names = [...shown, ...(dropped.length > MAX_NAMED ? [`${dropped.length - MAX_NAMED} more`] : [])].join(', ');
  const advice = 'Leave it out, or leave out x-sluice-strict to have it dropped.';
  const message = `Model '${facts.model}' cannot honour ${names}. ${advice}`;
  throw new GatewayError('unsupported_parameter', message, { param: dropped[0] ?? null });
}
