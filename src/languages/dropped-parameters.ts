import type { ModelParameter, ModelTool, RequestOrigin } from '../protocol/model-request.ts';

/** Collects, in the client's words, what of a request a model cannot be told. */
export class DroppedParameters {
  readonly #origin: RequestOrigin;
  readonly #names: Set<string>;

  /** @param names those that are known from the beginning */
  constructor(origin: RequestOrigin, names: Iterable<string> = []) {
    this.#origin = origin;
    this.#names = new Set(names);
  }

  /** @param field of the parameter, where the rest of it is said */
  add(parameter: ModelParameter, field?: string): void {
    const name = this.#origin.paramOf(parameter);
    this.#names.add(field === undefined ? name : `${name}.${field}`);
  }

  addTools(tools: readonly ModelTool[]): void {
    for (const tool of tools) this.#names.add(this.#origin.toolParamOf(tool.type === 'other' ? tool.kind : tool.type));
  }

  /** Names that are the client's already. */
  addNames(names: readonly string[]): void {
    for (const name of names) this.#names.add(name);
  }

  /** Each once, in the order in which they were added. */
  list(): readonly string[] {
    return [...this.#names];
  }
}
