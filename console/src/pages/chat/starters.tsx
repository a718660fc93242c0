import type { Asked } from '../../answer/conversation.ts';
import { type ChatSettings, NO_SETTINGS } from '../../answer/settings.ts';
import { href } from '../../app/router.ts';
import type { MeBody } from '../../feed/wire.ts';

/** Says that no provider can be asked, and what to do about it. @param missing for an admin: which variables to set */
export function DemoStrip({ missing }: { readonly missing: MeBody['missing_keys'] }) {
  const names = [...new Set(missing.flatMap(({ env }) => env ?? []))];
  return (
    <div class="notice">
      <p>
        No provider has a key; <code>demo</code> answers, which needs none.
      </p>
      {names.length > 0 && (
        <p class="quiet">
          To ask others, set one of these and start the gateway again:{' '}
          {names.map((name, at) => (
            <span key={name}>
              {at > 0 && ', '}
              <code>{name}</code>
            </span>
          ))}
          .
        </p>
      )}
    </div>
  );
}

const HELLO = 'Say hello, and what you can do.';
const RESCUE = 'Tell me how you get through a provider that breaks off.';
const COMPARE = new URLSearchParams({ a: 'demo', b: 'demo:slow', prompt: 'What do you do?' });

/** Three things to see in ten seconds. */
export function Starters({ onAsk }: { readonly onAsk: (asked: Asked) => void }) {
  const ask = (text: string, model: string, settings: ChatSettings): void =>
    onAsk({ question: { text, files: [] }, model, settings });
  return (
    <p class="starters">
      <button class="button" type="button" onClick={() => ask(HELLO, 'demo', NO_SETTINGS)}>
        Say hello
      </button>
      <button
        class="button"
        type="button"
        onClick={() => ask(RESCUE, 'demo:cut', { ...NO_SETTINGS, fallbacks: 'demo' })}
      >
        Watch a provider fail and be rescued
      </button>
      <a class="button" href={href(`/compare?${COMPARE}`)}>
        Compare demo and demo:slow
      </a>
    </p>
  );
}
