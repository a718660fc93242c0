import { keepDraft, readDraft } from '../../app/drafts.ts';
import type { AskSettings } from '../../feed/lone-question.ts';
import type { ModelObject } from '../../feed/wire.ts';

/** The two sides by the names they have in the address of the page. */
export type SideName = 'a' | 'b';

/** How a model is asked where nothing is chosen. */
export const NO_SETTINGS: AskSettings = { effort: null, temperature: null, maxTokens: null, system: '' };

/** The efforts that providers know; which of them a model takes is its own. */
export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** Which models are compared when the address does not say: the one that was used last, and one of another provider. */
export function defaultModels(models: readonly ModelObject[], lastUsed: string): Readonly<Record<SideName, string>> {
  const byName = (name: string): ModelObject | undefined => models.find(({ id }) => id === name);
  const a = byName(lastUsed) ?? byName('auto') ?? models[0];
  const others = models.filter(({ id }) => id !== a?.id);
  // Where only the demo answers, this one does; the others of it fail on purpose.
  const b =
    others.find(({ provider }) => provider !== null && provider !== a?.provider && provider !== 'demo') ??
    others.find(({ id }) => id === 'demo:slow') ??
    others[0] ??
    a;
  return { a: a?.id ?? '', b: b?.id ?? '' };
}

/** What was chosen for a side outlives a reload. */
export function readSettings(side: SideName): AskSettings {
  try {
    return { ...NO_SETTINGS, ...(JSON.parse(readDraft(`compare-${side}`) || '{}') as Partial<AskSettings>) };
  } catch {
    // It was kept by a version that wrote something else.
    return NO_SETTINGS;
  }
}

/** Keeps what was chosen for a side. */
export function keepSettings(side: SideName, settings: AskSettings): void {
  const isPlain = Object.entries(settings).every(([, value]) => value === null || value === '');
  keepDraft(`compare-${side}`, isPlain ? '' : JSON.stringify(settings));
}

/** The settings in a few words; empty where all is left to the model. */
export function settingsWords({ effort, temperature, maxTokens, system }: AskSettings): string {
  const words = [
    effort === null ? '' : `effort ${effort}`,
    temperature === null ? '' : `temperature ${temperature}`,
    maxTokens === null ? '' : `at most ${maxTokens} tokens`,
    system.trim() === '' ? '' : 'system prompt',
  ];
  return words.filter((word) => word !== '').join(' · ');
}
