import { type Answer, type LabProvider, startProvider as startLabProvider } from '../../lab/provider.ts';
import { shortAnswer } from '../../lab/wire-answers.ts';
import { isRecord, parseJson } from '../../src/protocol/json.ts';

/** What the gateway is given for it: nobody else may ever see it. */
export const PROVIDER_KEY = 'sk-the-providers-own-key';

/** What a model does instead of answering, by its name. */
const FAULTS: Readonly<Record<string, Answer>> = {
  'fault-500': { status: 500, body: '<html>at server.js:1</html>' },
  'fault-401': { status: 401, body: `{"error":{"message":"Incorrect key: ${PROVIDER_KEY}"}}` },
  'fault-429': { status: 429, headers: { 'retry-after': '1e300' }, body: '{}' },
  'fault-reset': { isRaw: true, body: [], end: 'reset' },
  'fault-cut': { headers: { 'content-length': '9999' }, body: ['{"id"'], end: 'cut' },
  'fault-garbage': { headers: { 'content-encoding': 'constructor' }, body: 'data: {"x' },
  'fault-empty': {},
};

/** A provider that answers in whatever language it is asked, and fails where a model's name wants it. */
export function startProvider(): Promise<LabProvider> {
  return startLabProvider(({ path, body }) => {
    const parsed = parseJson(body.toString('utf8'));
    const asked = isRecord(parsed) ? parsed : {};
    const model = String(asked['model']);
    const [bare = ''] = path.split('?');
    return Object.hasOwn(FAULTS, model) ? (FAULTS[model] ?? {}) : shortAnswer(bare, asked['stream'] === true);
  });
}
