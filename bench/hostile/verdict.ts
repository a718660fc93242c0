import { isRecord, parseJson } from '../../src/protocol/json.ts';
import { type Answer, readAnswers } from './answers.ts';
import type { Heard } from './client.ts';
import { PROVIDER_KEY } from './provider.ts';
import type { Shot } from './shot.ts';

/** What came of a shot: the statuses of its answers, and what is wrong with them. */
export interface Verdict {
  readonly statuses: readonly number[];
  /** Null when the gateway did well. */
  readonly problem: string | null;
}

const STACK = /\bat [^"]{0,200}\.(?:ts|js|mjs):\d|node_modules|node:internal/;

/** Judges everything that came back over one connection. */
export function judge(shot: Shot, { bytes, isLate }: Heard): Verdict {
  if (isLate) return { statuses: [], problem: `no end within the time; so far ${JSON.stringify(bytes.slice(0, 80))}` };
  try {
    const answers = readAnswers(bytes, shot.methods);
    const problems = answers.map((answer, at) => problemOf(answer, shot.methods[at] ?? 'GET', shot.fault));
    return {
      statuses: answers.map(({ status }) => status),
      problem: problems.find((one) => one !== null) ?? counted(shot, answers),
    };
  } catch (error) {
    // Who leaves or says no more is told no more; what the provider cuts is passed on so far.
    const isCut =
      (shot.ending !== 'answer' || shot.fault === 'passed') && bytes !== '' && /promised|break off/.test(String(error));
    return { statuses: [], problem: isCut ? null : String(error) };
  }
}

function counted({ ending, methods }: Shot, { length }: readonly Answer[]): string | null {
  if (ending !== 'answer') return null;
  return length > 0 && length <= methods.length ? null : `${length} answers to ${methods.length} requests`;
}

function problemOf(answer: Answer, method: string, fault: Shot['fault']): string | null {
  const { status, headers, body } = answer;
  if (`${[...headers.values()]} ${body}`.includes(PROVIDER_KEY)) return `${status} tells the key of the provider`;
  if (body.includes('"internal_error"') && (status >= 400 || isStream(headers))) return `${status} internal_error`;
  if (fault === 'passed') return null;
  if (STACK.test(body)) return `a stack trace: ${body.slice(0, 200)}`;
  if (status < 400 || (method === 'HEAD' && status < 500)) return null;
  const code = codeIn(answer);
  if (code === undefined) return `${status} without the envelope: ${body.slice(0, 200)}`;
  const isTheProviders = fault === 'told' && code?.startsWith('upstream_');
  return status >= 500 && !isTheProviders ? `${status} ${code}: ${body.slice(0, 200)}` : null;
}

function isStream(headers: Answer['headers']): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

/** The code of an error; undefined where it is not OpenAI's envelope. */
function codeIn({ headers, body }: Answer): string | null | undefined {
  const parsed = parseJson(body);
  const error = isRecord(parsed) ? parsed['error'] : undefined;
  if (!isRecord(error) || !/^application\/json/.test(headers.get('content-type') ?? '')) return undefined;
  const { message, type, param, code } = error;
  const isWhole = typeof message === 'string' && message !== '' && typeof type === 'string' && type !== '';
  if (!isWhole || !isTextOrNull(param) || !isTextOrNull(code)) return undefined;
  return code;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
