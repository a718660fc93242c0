import { equal } from 'node:assert/strict';
import type { Kind } from './kind.ts';

const looked = (path: string, share: number): Kind => ({
  name: `GET ${path}`,
  share,
  outcome: null,
  run: async ({ ask }) => equal((await ask({ path })).status, 200),
});

/** What is no chat call: what is passed through, and what is asked about the gateway itself. */
export const LOOKUPS: readonly Kind[] = [
  {
    name: 'embeddings, passed through',
    share: 20,
    outcome: 'completed',
    async run({ ask }) {
      const { status, json } = await ask({ path: '/v1/embeddings', body: { model: 'burst', input: 'Hello?' } });
      equal(status, 200);
      equal(json['object'], 'list');
    },
  },
  {
    name: 'client leaves what is passed through',
    share: 3,
    outcome: 'cancelled',
    async run({ ask }) {
      const body = { model: 'silent', input: 'Hello?' };
      const asking = ask({ path: '/v1/embeddings', body, signal: AbortSignal.timeout(50) });
      const isLeft = await asking.then(
        () => false,
        () => true,
      );
      equal(isLeft, true);
    },
  },
  {
    name: 'POST /v1/router/choose',
    share: 3,
    outcome: null,
    async run({ ask }) {
      const { status, json } = await ask({ path: '/v1/router/choose', body: { model: 'late', message: 'Hello?' } });
      equal(status, 200);
      equal(json['model'], 'late');
    },
  },
  looked('/v1/models', 6),
  looked('/v1/requests', 6),
  looked('/v1/usage?group_by=model', 1),
  looked('/v1/usage/records?limit=20', 2),
  looked('/metrics', 2),
  looked('/metrics/performance?last_n=1000', 2),
  looked('/health', 5),
];
