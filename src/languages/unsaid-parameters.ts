import type { ModelParameter, ModelRequest } from '../protocol/model-request.ts';

/** What a dialect says of a request; the names of extras are the client's. */
interface SaidParameters {
  readonly parameters: readonly ModelParameter[];
  readonly extras?: readonly string[];
}

/** Of the gateway itself, or said by every dialect. */
const ALWAYS: readonly ModelParameter[] = ['model', 'messages', 'fallbacks'];

/** Names, in the client's words and order, what asks for something and is not said. */
export function createUnsaidParameters({ parameters, extras = [] }: SaidParameters): UnsaidParameters {
  const said = new Set<ModelParameter>([...ALWAYS, ...parameters]);
  const saidExtras = new Set(extras);
  return ({ origin }) =>
    origin
      .asked()
      .filter(({ name, parameter }) => !(parameter === null ? saidExtras.has(name) : said.has(parameter)))
      .map(({ name }) => name);
}

type UnsaidParameters = (request: ModelRequest) => string[];
