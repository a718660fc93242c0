import type { ChatRequest } from '../protocol/chat.ts';
import type { Registry } from './registry.ts';
import type { Target } from './target.ts';

/** The targets to try for one call, in order. */
export interface Plan {
  readonly targets: readonly Target[];
}

/** @throws GatewayError 404 `model_not_found` */
export function createPlan(registry: Registry, chat: ChatRequest): Plan {
  return { targets: registry.find(chat.model).targets };
}
