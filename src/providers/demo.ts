import { createChatDialect } from '../dialects/chat/chat.ts';
import { withLegacyFunctions } from '../dialects/legacy-functions.ts';
import { DEMO_CONTEXT_WINDOW } from './demo-refusal.ts';
import { startDemoServer } from './demo-server.ts';
import { bearer, type ProviderKind } from './provider.ts';

/** What `demo:<fault>` does wrong. */
const DEMO_FAULTS = {
  '429': 'refuses with HTTP 429 and asks to wait a second',
  '500': 'fails with HTTP 500',
  reset: 'resets the connection before any answer',
  silent: 'accepts the request and never answers',
  slow: 'waits three seconds, then speaks slowly',
  cut: 'breaks the connection in the middle of the answer',
  stall: 'falls silent in the middle of the answer',
  garbage: 'sends broken JSON in the middle of the answer',
  'no-done': 'ends a whole answer without [DONE]',
} as const;

/** The word after `demo:`. */
export type DemoFault = keyof typeof DEMO_FAULTS;

const FACTS = {
  kind: 'chat',
  context_window: DEMO_CONTEXT_WINDOW,
  max_output_tokens: 4096,
  capabilities: ['tools', 'vision', 'audio', 'pdf', 'json_schema', 'reasoning', 'prefill'],
  prices: [{ input: 0, output: 0 }],
} as const;

function demoModel(upstream: string, notes: string): ProviderKind['models'][string] {
  return { ...FACTS, upstream, notes, capabilities: [...FACTS.capabilities], prices: [...FACTS.prices] };
}

/** A model inside the gateway, behind a real socket: a newcomer sees everything work before owning a key. */
export const demo: ProviderKind = {
  baseUrl: null,
  needsKey: false,
  authHeaders: bearer,
  createDialect({ newId }) {
    const dialect = withLegacyFunctions(createChatDialect({}, newId));
    return () => dialect;
  },
  openai: { path: '', authHeaders: bearer },
  models: Object.fromEntries([
    ['demo', demoModel('demo', 'answers without a key')],
    ...Object.entries(DEMO_FAULTS).map(([fault, notes]) => [`demo:${fault}`, demoModel(`demo:${fault}`, notes)]),
  ]),
  startServer: startDemoServer,
};
