/** An account that a call has to pass, and what it is to that call: an organisation is the parent of another's calls. */
export interface Scope {
  /** `key:<hash or name>`, `org:<id>`; of limits for one model these and the model: {@link modelScope}. */
  readonly id: string;
  readonly role: 'key' | 'org' | 'parent';
  /** Where the limits are for one model alone: its name. Money is then counted in the scope without it. */
  readonly model: string | null;
}

/** The key or the organisation that a scope for one model is of; null for any other scope. */
export function ownerOf(id: string): string | null {
  const end = id.indexOf('\n');
  return end < 0 ? null : id.slice(0, end);
}

/** The scope with the limits of a key or an organisation for one model. */
export function modelScope({ id, role }: Scope, model: string): Scope {
  // No id has a line break in it, whatever a key is called.
  return { id: `${id}\n${model}`, role, model };
}
