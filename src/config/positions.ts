import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';

/** The way to a setting: keys, and indexes into lists. */
export type Path = readonly PropertyKey[];

/** A setting in a YAML document: the node of its key (lists have none) and of its value. */
export interface Place {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** Finds a setting, also through aliases and merge keys; where it is missing, the innermost place that exists. */
export function findPlace(document: Document, path: Path): Place {
  let place: Place = { key: null, value: document.contents };
  for (const step of path) {
    const next = findChild(document, place.value, step);
    if (next === null) return { ...place, key: place.key ?? place.value };
    place = next;
  }
  return place;
}

function findChild(document: Document, parent: Node | null, step: PropertyKey): Place | null {
  const node = resolved(document, parent);
  if (isSeq(node)) return toPlace(null, node.items[Number(step)]);
  if (!isMap(node)) return null;
  const pair = node.items.find(({ key }) => keyText(key) === String(step));
  if (pair) return toPlace(pair.key, pair.value);
  for (const { key, value } of node.items) {
    const found = isMergeKey(key) ? findMerged(document, value, step) : null;
    if (found) return found;
  }
  return null;
}

function findMerged(document: Document, value: unknown, step: PropertyKey): Place | null {
  const node = resolved(document, isNode(value) ? value : null);
  if (!isSeq(node)) return findChild(document, node, step);
  for (const item of node.items) {
    const found = findMerged(document, item, step);
    if (found) return found;
  }
  return null;
}

function resolved(document: Document, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function toPlace(key: unknown, value: unknown): Place | null {
  return isNode(key) || isNode(value) ? { key: isNode(key) ? key : null, value: isNode(value) ? value : null } : null;
}

/** All scalars and aliases that stand as values, each with its path; what merge keys bring counts as their map's own. */
export function* walk(node: unknown, path: Path = []): Generator<readonly [Node, Path]> {
  if (isScalar(node) || isAlias(node)) yield [node, path];
  if (isSeq(node)) for (const [index, item] of node.items.entries()) yield* walk(item, [...path, index]);
  if (!isMap(node)) return;
  for (const { key, value } of node.items) yield* walk(value, isMergeKey(key) ? path : [...path, keyText(key)]);
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.source === '<<';
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

/** `models["gpt-6.1-sol"].prices[0].input` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = String(step);
    if (!/^[\w-]+$/.test(name)) return `${text}["${name}"]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}
