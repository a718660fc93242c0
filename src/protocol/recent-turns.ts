import { messageTokens, promptTokensInSteps } from './estimate.ts';
import type { ModelMessage } from './model-message.ts';
import { changed, type ModelRequest } from './model-request.ts';
import type { Steps } from './turns.ts';

/**
 * The request without its oldest turns, as few as have to go for the rest to fit; a turn is what a user said with all
 * that followed. Instructions stay wherever they stand, and so does the last turn, whether it fits or not.
 * @param maxTokens of the prompt, by the estimate
 */
export function* withRecentTurns(request: ModelRequest, maxTokens: number): Steps<ModelRequest> {
  let excess = (yield* promptTokensInSteps(request)) - maxTokens;
  if (excess <= 0) return request;
  const turns = turnsOf(request.messages);
  const forgotten = new Set<ModelMessage>();
  for (const turn of turns.slice(0, -1)) {
    if (excess <= 0) break;
    for (const message of turn) {
      forgotten.add(message);
      excess -= messageTokens(message);
    }
    yield;
  }
  return changed(request, { messages: request.messages.filter((message) => !forgotten.has(message)) });
}

/** Without instructions. Calls and their results are never parted: no user speaks between them. */
function turnsOf(messages: readonly ModelMessage[]): ModelMessage[][] {
  const turns: ModelMessage[][] = [];
  let before: ModelMessage['role'] | null = null;
  for (const message of messages) {
    const { role } = message;
    if (role === 'system' || role === 'developer') continue;
    if (before === null || (role === 'user' && before !== 'user')) turns.push([]);
    turns.at(-1)?.push(message);
    before = role;
  }
  return turns;
}
