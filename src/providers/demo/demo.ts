import { createChatDialect } from '../../languages/chat/chat.ts';
import { bearer, type ProviderKind } from '../provider.ts';
import { DEMO_FAULTS } from './faults.ts';
import { DEMO_CONTEXT_WINDOW } from './refusal.ts';
import { startDemoServer } from './server.ts';

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
    const dialect = createChatDialect({ wantsTools: true }, newId);
    return () => dialect;
  },
  openai: { path: '', authHeaders: bearer },
  models: Object.fromEntries([
    ['demo', demoModel('demo', 'answers without a key')],
    ...Object.entries(DEMO_FAULTS).map(([fault, notes]) => [`demo:${fault}`, demoModel(`demo:${fault}`, notes)]),
  ]),
  startServer: startDemoServer,
};
