import { toUsage, type Usage } from '../../protocol/delta.ts';
import { countOf, isRecord, type JsonRecord, numberOf, parseJson, recordOf } from '../../protocol/json.ts';

/** In every answer `usage` comes after what was said, and after it only small fields. */
const TAIL_BYTES = 64 * 1024;

/** Names that are looked at, from the end: what a client wrote may be repeated in an answer, and hold many. */
const MAX_NAMES = 20;

/** Looks for the tokens that a passing answer tells of, JSON or events, and holds no more than its end. */
export class ReportedUsage {
  #tail: Buffer[] = [];
  #size = 0;

  add(bytes: Buffer): void {
    this.#tail.push(bytes);
    this.#size += bytes.length;
    if (this.#size > 2 * TAIL_BYTES) this.#cut();
  }

  /** What the answer came to; null where it does not say. */
  read(): Usage | null {
    this.#cut();
    const text = Buffer.concat(this.#tail).toString('utf8');
    let at = text.length;
    for (let tries = 0; tries < MAX_NAMES && at > 0; tries++) {
      at = text.lastIndexOf('"usage"', at - 1);
      if (at < 0) break;
      // Inside of a string the quotes would be escaped: this is a name.
      const usage = toCounts(parseJson(objectAfter(text, at + '"usage"'.length)));
      if (usage !== null) return usage;
    }
    return null;
  }

  #cut(): void {
    const all = Buffer.concat(this.#tail);
    this.#tail = [all.subarray(-TAIL_BYTES)];
    this.#size = Math.min(all.length, TAIL_BYTES);
  }
}

/** The text of the object that is the value of the name before `at`; empty where it is none. */
function objectAfter(text: string, at: number): string {
  const start = /^\s*:\s*\{/.exec(text.slice(at, at + 100))?.[0].length ?? 0;
  if (start === 0) return '';
  const from = at + start - 1;
  const tokens = /[{}]|"(?:[^"\\]|\\.)*"/gs;
  tokens.lastIndex = from;
  let depth = 0;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === '{') depth++;
    else if (token[0] === '}' && --depth === 0) return text.slice(from, tokens.lastIndex);
  }
  return '';
}

/** Chat's names, of embeddings and completions, and those of responses, images and audio. */
function toCounts(value: unknown): Usage | null {
  if (!isRecord(value)) return null;
  const prompt = numberOf(value['prompt_tokens'] ?? value['input_tokens']);
  const completion = numberOf(value['completion_tokens'] ?? value['output_tokens']);
  if (prompt === null && completion === null) return null;
  const input = detailsOf(value, 'prompt_tokens_details', 'input_tokens_details');
  const output = detailsOf(value, 'completion_tokens_details', 'output_tokens_details');
  const counts = toUsage({
    prompt: countOf(prompt),
    completion: countOf(completion),
    cached: countOf(input['cached_tokens']),
    reasoning: countOf(output['reasoning_tokens']),
    promptAudio: countOf(input['audio_tokens']),
    completionAudio: countOf(output['audio_tokens']),
  });
  const cost = numberOf(value['cost']);
  return cost === null ? counts : { ...counts, cost };
}

function detailsOf(usage: JsonRecord, ...names: readonly string[]): JsonRecord {
  return recordOf(names.map((name) => usage[name]).find(isRecord));
}
