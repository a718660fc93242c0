import { recordsOf, stringOf } from '../../protocol/json.ts';
import type { PastRun, TextPart } from '../../protocol/model-message.ts';
import type { OpenEnvelope, PlacedItem } from './client-history.ts';
import { readSealed } from './client-reasoning.ts';

/** Code that some provider ran, with what it printed: words for most models. Null where nothing of it is known. */
export function readCodeItem({ item, at }: PlacedItem, open: OpenEnvelope): TextPart | null {
  const output = recordsOf(item['outputs'])
    .map(({ logs }) => stringOf(logs) ?? '')
    .join('');
  const code = stringOf(item['code']) ?? '';
  const words = [code, output].filter((text) => text !== '').join('\n\n');
  if (words === '') return null;
  const { carried } = readSealed(item['encrypted_content'], open);
  const run: PastRun = {
    id: stringOf(item['id']) ?? '',
    code,
    output,
    isWhole: item['status'] === 'completed',
    carried,
  };
  return { type: 'text', text: `[code_interpreter_call]\n${words}\n\n`, at, entry: 0, source: item, run };
}
