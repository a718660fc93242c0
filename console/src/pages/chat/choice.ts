import { signal } from '@preact/signals';
import type { Question } from '../../answer/question.ts';
import { keepDraft, readDraft } from '../../app/drafts.ts';
import type { ModelDetails } from '../../feed/wire.ts';
import { isMeant, priceNow, shortReason, shutdownOf } from '../../parts/model-facts.ts';

/** Id of the model that is asked next; null while the models are not known. */
export const chosenId = signal<string | null>(null);

/** Models that stand at the top of the list. */
export const pinned = signal<readonly string[]>(readDraft('pinned').split('\n').filter(Boolean));

/** Pins a model, or takes the pin away. */
export function togglePin(id: string): void {
  const before = pinned.peek();
  pinned.value = before.includes(id) ? before.filter((one) => one !== id) : [...before, id];
  keepDraft('pinned', pinned.peek().join('\n'));
}

/** What a question needs to know of the model that it goes to. */
export type ChosenModel = Pick<ModelDetails, 'id' | 'aliases' | 'available' | 'reason' | 'capabilities' | 'pricing'>;

/**
 * The model that is asked: the one wanted where it can be asked, else `auto`, else the first. Null where there is none.
 * @param models null where the key may not list them: then any name is taken, and the gateway knows whether there is such a model
 */
export function chosenOf(models: readonly ModelDetails[] | null, wanted: string): ChosenModel | null {
  const id = wanted.trim();
  if (models === null)
    return id === '' ? null : { id, aliases: [], available: true, reason: null, capabilities: null, pricing: null };
  const usable = models.filter(({ available, kind }) => available && kind === 'chat');
  const named = (name: string): ModelDetails | undefined =>
    usable.find(({ id, aliases }) => id === name || aliases.includes(name));
  return named(wanted) ?? named('auto') ?? usable[0] ?? null;
}

/** Models that stand together in the list. */
export interface ModelSection {
  readonly title: string;
  readonly models: readonly ModelDetails[];
}

/** `auto` and groups first, pinned ones, then by provider. @param words each has to be found in a name, a provider or a capability */
export function sectionsOf(
  models: readonly ModelDetails[],
  pins: readonly string[],
  words: string,
): readonly ModelSection[] {
  const found = models.filter((model) => model.kind === 'chat' && isMeant(model, words));
  const titled = Map.groupBy(found, (model) => titleOf(model, pins));
  const sections = [...titled].map(([title, some]) => ({ title, models: some }));
  return sections.sort((one, other) => rankOf(one) - rankOf(other));
}

function rankOf({ title }: ModelSection): number {
  return title === GROUPS ? 0 : title === PINNED ? 1 : 2;
}

const GROUPS = 'Groups';
const PINNED = 'Pinned';

function titleOf({ id, members, rules, provider }: ModelDetails, pins: readonly string[]): string {
  if (members !== null || rules !== null) return GROUPS;
  if (pins.includes(id)) return PINNED;
  return provider ?? 'Others';
}

/** Why a question cannot go to a model; null where it can. */
export function whyNot({ id, available, reason, capabilities }: ChosenModel, files: Question['files']): string | null {
  if (!available) return reason === null ? 'It cannot be asked now.' : shortReason(reason, id);
  // What a model can do is not always known.
  if (capabilities === null) return null;
  if (files.some(({ kind }) => kind === 'image') && !capabilities.includes('vision')) return 'It reads no pictures.';
  if (files.some(({ kind }) => kind === 'file') && !capabilities.includes('pdf')) return 'It reads no PDF.';
  return null;
}

/** Window, prices and status in a line; what is not known is left out. @param now milliseconds since the epoch */
export function factsOf(
  { context_window: window, pricing, capabilities, shutdown_date: day, status }: ModelDetails,
  now: number,
): string {
  const price = pricing && priceNow(pricing, now);
  const parts = [
    window && `${compact(window)} tokens`,
    price && `$${price.input} in, $${price.output} out`,
    capabilities?.join(', '),
    day ? shutdownOf(day, now).words : status !== 'active' && status,
  ];
  return parts.filter(Boolean).join(' · ');
}

function compact(value: number): string {
  return value.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 1 });
}
