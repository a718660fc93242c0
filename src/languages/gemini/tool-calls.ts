import { isRecord, type JsonRecord, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';

/** A function call that is whole. `id` is null when the model gave none. */
export interface WholeCall {
  readonly id: string | null;
  readonly name: string;
  readonly args: JsonRecord;
  readonly signature: string | null;
}

/**
 * Puts calls together. They come whole, except where Vertex was asked to stream arguments: then a name comes
 * first, values by their JSON path after it, and a piece without `willContinue` last.
 */
export function createCallAssembler(): { read(piece: JsonRecord, signature: string | null): WholeCall | null } {
  let open: (WholeCall & { readonly args: Tree }) | null = null;
  return {
    read(piece, signature) {
      const name = stringOf(piece['name']) ?? '';
      const goesOn = piece['willContinue'] === true;
      const args = recordOf(piece['args']);
      if (open === null) {
        if (name === '') return null;
        const call = { id: stringOf(piece['id']) || null, name, args, signature };
        if (!goesOn && !Array.isArray(piece['partialArgs'])) return call;
        open = { ...call, args: { ...args } };
      }
      for (const partial of recordsOf(piece['partialArgs'])) place(open.args, partial);
      if (goesOn) return null;
      const whole = open;
      open = null;
      return whole;
    },
  };
}

/** Arguments under construction: objects and arrays alike are written by key. */
type Tree = Record<string | number, unknown>;

const STEPS = /\.([^.[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/g;

/** Writes one value at its path; texts that come in pieces grow. */
function place(root: Tree, partial: JsonRecord): void {
  const steps = [...(stringOf(partial['jsonPath']) ?? '').matchAll(STEPS)].map(toStep);
  const last = steps.pop();
  if (last === undefined || [...steps, last].includes('__proto__')) return;
  let holder = root;
  for (const [depth, step] of steps.entries()) {
    const next = depth + 1 < steps.length ? steps[depth + 1] : last;
    if (!isTree(holder[step])) holder[step] = typeof next === 'number' ? [] : {};
    holder = holder[step] as Tree;
  }
  const before = holder[last];
  const value = scalarOf(partial);
  holder[last] = typeof before === 'string' && typeof value === 'string' ? before + value : value;
}

function toStep(match: RegExpMatchArray): string | number {
  return match[2] === undefined ? (match[1] ?? match[3] ?? match[4] ?? '') : Number(match[2]);
}

function isTree(value: unknown): boolean {
  return isRecord(value) || Array.isArray(value);
}

function scalarOf(partial: JsonRecord): unknown {
  return partial['stringValue'] ?? partial['numberValue'] ?? partial['boolValue'] ?? null;
}
