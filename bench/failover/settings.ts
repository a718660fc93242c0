import { HARDER, SCENARIOS } from './scenarios.ts';

/** The fallbacks, and what their registry entries say of them. */
const FALLBACKS = {
  ok: '{ provider: wall, capabilities: [prefill] }',
  'ok-no-prefix': '{ provider: wall }',
  'ok-refuses-prefix': '{ provider: wall, upstream: ok-no-prefix, capabilities: [prefill] }',
  'ok-ignores-prefix': '{ provider: wall, capabilities: [prefill] }',
  'ok-other-words': '{ provider: wall }',
};

/** Tells a gateway where the wall is and which models and fallbacks there are; else it is as it ships. */
export function settingsFor(wallUrl: string, extra: string): string {
  const primaries = [...SCENARIOS, ...HARDER].map(
    ({ id, fallback }) => `  ${id}: { provider: wall, fallbacks: [${fallback}] }`,
  );
  const fallbacks = Object.entries(FALLBACKS).map(([name, entry]) => `  ${name}: ${entry}`);
  const models = [...primaries, ...fallbacks].join('\n');
  return `providers:\n  wall: { kind: openai-compatible, base_url: "${wallUrl}" }\nmodels:\n${models}\n${extra}`;
}
