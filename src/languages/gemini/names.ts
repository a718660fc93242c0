import { functionsIn, type ModelRequest } from '../../protocol/model-request.ts';

/** Function names in both directions: OpenAI lets them begin with a digit or a dash, Gemini does not. */
export interface FunctionNames {
  toGemini(name: string): string;
  toClient(name: string): string;
}

/** For most requests, which declare no functions. */
const UNDECLARED: FunctionNames = { toGemini: toAllowed, toClient: (name) => name };

export function createFunctionNames(request: ModelRequest): FunctionNames {
  const declared = functionsIn(request).map(({ name }) => name);
  if (declared.length === 0) return UNDECLARED;
  const taken = new Set(declared);
  const gemini = new Map<string, string>();
  const client = new Map<string, string>();
  for (const name of declared) {
    let allowed = toAllowed(name);
    while (allowed !== name && taken.has(allowed)) allowed = `_${allowed}`;
    taken.add(allowed);
    gemini.set(name, allowed);
    client.set(allowed, name);
  }
  return {
    toGemini: (name) => gemini.get(name) ?? toAllowed(name),
    toClient: (name) => client.get(name) ?? name,
  };
}

/** Google: a letter or underscore first, then letters, digits and `_.:-`. History may name what is not declared. */
function toAllowed(name: string): string {
  const clean = name.replace(/[^A-Za-z0-9_.:-]/g, '_');
  return /^[A-Za-z_]/.test(clean) ? clean : `_${clean}`;
}
