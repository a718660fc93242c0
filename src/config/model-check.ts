import { checkGroup, membersOf } from './group-check.ts';
import { didYouMean } from './nearest.ts';
import type { Path } from './positions.ts';
import { pricePeriodProblems } from './prices.ts';
import type { ModelInput } from './schema.ts';
import type { AsWritten, Source } from './source.ts';

/** A model as written, and the file in which it stands. */
export interface NamedModel {
  readonly id: string;
  readonly entry: AsWritten<ModelInput>;
  readonly source: Source;
}

/** Names of models outside of the models, and where they stand. */
export interface NameList {
  readonly source: Source;
  readonly path: Path;
  readonly names: Names | undefined;
}

type Names = readonly (string | undefined)[];
type ModelNames = ReadonlyMap<string, NamedModel>;

/** Names that models have without being configured: the demo provider brings its own. */
const BUILT_IN = /^demo(:[a-z0-9-]+)?$/;

/**
 * Checks that every name in the models means something, and only one thing.
 * @param keyNames who may call
 * @param lists names in other settings
 */
export function checkModels(
  models: readonly NamedModel[],
  providers: readonly string[],
  keyNames: readonly string[],
  lists: readonly NameList[],
): void {
  const names = collectNames(models);
  const isKnown = (name: string): boolean => names.has(name) || isUnlisted(name, providers);
  for (const model of models) {
    checkServing(model, providers);
    checkGroup(model.entry, keyNames, (...told) => report(model, ...told));
    checkReferences(model, isKnown, names);
    checkPrices(model);
  }
  const ofModels = models.map(({ id, entry, source }) => ({
    source,
    path: ['models', id, 'fallback', 'models'],
    names: entry.fallback?.models,
  }));
  for (const list of [...lists, ...ofModels]) checkList(list, isKnown, names);
  checkCircles(models, names);
}

/** Whether a name means a model that is in no list: `provider/upstream`, or one that the demo provider brings. */
export function isUnlisted(name: string, providers: readonly string[]): boolean {
  const [provider = '', ...upstream] = name.split('/');
  return BUILT_IN.test(name) || (providers.includes(provider) && upstream.join('/') !== '');
}

function report({ id, source }: NamedModel, path: Path, text: string, isKey = false): void {
  source.report(['models', id, ...path], text, isKey);
}

function found({ id, source }: NamedModel, path: Path, value: string): string {
  return source.found(['models', id, ...path], value);
}

/** Ids, and those aliases that stand in the file as they are. */
function shownNames(names: ModelNames): string[] {
  const isShown = (name: string, { id, entry, source }: NamedModel): boolean =>
    name === id || !source.isHidden(['models', id, 'aliases', strings(entry.aliases).indexOf(name)]);
  return [...names].filter(([name, model]) => isShown(name, model)).map(([name]) => name);
}

/** Every id and alias, with the model it means. */
function collectNames(models: readonly NamedModel[]): Map<string, NamedModel> {
  const names = new Map<string, NamedModel>();
  for (const model of models) {
    const other = names.get(model.id);
    if (other) report(model, [], `is also defined at ${other.source.where(['models', model.id])}`, true);
    names.set(model.id, model);
  }
  for (const model of models) {
    for (const [index, alias] of strings(model.entry.aliases).entries()) {
      const other = names.get(alias);
      if (other)
        report(
          model,
          ['aliases', index],
          `the name ${found(model, ['aliases', index], alias)} is taken by ${placeOf(other)}`,
        );
      else names.set(alias, model);
    }
  }
  return names;
}

function placeOf({ id, source }: NamedModel): string {
  return `the model at ${source.where(['models', id])}`;
}

function checkServing(model: NamedModel, providers: readonly string[]): void {
  const { entry } = model;
  const { provider, status, retired } = entry;
  const [hasProvider, hasTargets, hasRules] = ['provider', 'targets', 'rules'].map((name) => name in entry);
  if (provider !== undefined && !providers.includes(provider)) {
    const hint = didYouMean(provider, providers);
    report(model, ['provider'], `expected a configured provider, found ${found(model, ['provider'], provider)}${hint}`);
  }
  if (!hasProvider && !hasTargets && !hasRules && status !== 'shutdown') {
    report(model, [], "expected a provider, targets or rules (only status 'shutdown' needs none)", true);
  }
  if (hasProvider && hasTargets) {
    report(model, ['targets'], 'expected provider or targets, found both', true);
  }
  if (hasRules && (hasProvider || hasTargets)) {
    report(model, ['rules'], `expected rules or ${hasProvider ? 'provider' : 'targets'}, found both`, true);
  }
  if (retired === 'redirect' && !('replacement' in entry)) {
    report(model, ['retired'], 'expected a replacement to redirect to, found none');
  }
}

function checkReferences(model: NamedModel, isKnown: (name: string) => boolean, names: ModelNames): void {
  const check = (path: Path, name: string): void => {
    if (isKnown(name)) return;
    report(model, path, `expected a model, found ${found(model, path, name)}${didYouMean(name, shownNames(names))}`);
  };
  for (const [index, name] of strings(model.entry.fallbacks).entries()) check(['fallbacks', index], name);
  for (const { name, path } of membersOf(model.entry)) check(path, name);
  if (model.entry.replacement !== undefined) check(['replacement'], model.entry.replacement);
}

function checkList(
  { source, path, names: listed }: NameList,
  isKnown: (name: string) => boolean,
  names: ModelNames,
): void {
  for (const [index, name] of strings(listed).entries()) {
    if (isKnown(name)) continue;
    const at = [...path, index];
    source.report(at, `expected a model, found ${source.found(at, name)}${didYouMean(name, shownNames(names))}`);
  }
}

function checkPrices(model: NamedModel): void {
  const periods = (model.entry.prices ?? []).map(({ from, until } = {}) => ({ from, until }));
  for (const [index, problem] of pricePeriodProblems(periods)) report(model, ['prices', index], problem);
}

/** A group may hold groups, and a retired model may redirect, but no way may lead back to its start. */
function checkCircles(models: readonly NamedModel[], names: ModelNames): void {
  const told = new Set<NamedModel>();
  for (const model of models) {
    if (told.has(model)) continue;
    const circle = findCircle(model, model, names, new Set());
    if (circle === null) continue;
    for (const member of circle) told.add(member);
    const setting = ['targets', 'rules'].find((name) => name in model.entry) ?? 'replacement';
    const way = [...circle, model].map(({ id }) => id).join(' → ');
    report(model, [setting], `leads back to itself: ${way}`, true);
  }
}

function findCircle(
  start: NamedModel,
  from: NamedModel,
  names: ModelNames,
  seen: Set<NamedModel>,
): NamedModel[] | null {
  seen.add(from);
  for (const name of namesServing(from.entry)) {
    const next = names.get(name);
    if (next === start) return [from];
    const rest = next && !seen.has(next) ? findCircle(start, next, names, seen) : null;
    if (rest) return [from, ...rest];
  }
  return null;
}

function namesServing(entry: NamedModel['entry']): string[] {
  const { retired, replacement } = entry;
  const successor = retired === 'redirect' && replacement !== undefined ? [replacement] : [];
  return [...membersOf(entry).map(({ name }) => name), ...successor];
}

function strings(names: Names = []): string[] {
  return names.filter((name) => name !== undefined);
}
