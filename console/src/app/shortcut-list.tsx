import { Dialog } from '../parts/dialog.tsx';
import { ApiLink } from './api-link.tsx';
import { letLettersWork, lettersWork, type Shortcut, shortcuts } from './shortcuts.ts';

/** Every shortcut that works now, and whether single letters do. */
export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  const groups = Object.entries(Object.groupBy(shortcuts.value, ({ where }) => where));
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      {groups.map(([where, some = []]) => (
        <section key={where} aria-label={where}>
          <h3>{where}</h3>
          <dl class="shortcuts">
            {some.map((one) => (
              <Row key={one.keys} shortcut={one} />
            ))}
          </dl>
        </section>
      ))}
      <label class="tick">
        <input
          type="checkbox"
          checked={lettersWork.value}
          onChange={(event) => letLettersWork(event.currentTarget.checked)}
        />
        Single letters and signs work
      </label>
      <p>
        For programs: <ApiLink />
      </p>
      <button class="button" type="button" onClick={onClose}>
        Close
      </button>
    </Dialog>
  );
}

function Row({ shortcut: { keys, title } }: { readonly shortcut: Shortcut }) {
  const isOff = keys.length === 1 && !lettersWork.value;
  return (
    <div class={isOff ? 'quiet' : undefined}>
      <dt>
        {keys.split('+').map((name) => (
          <kbd key={name}>{SIGNS[name] ?? name}</kbd>
        ))}
      </dt>
      <dd>
        {title}
        {isOff && ' (off)'}
      </dd>
    </div>
  );
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const SIGNS: Readonly<Record<string, string>> = {
  Mod: isMac ? '⌘' : 'Ctrl',
  Alt: isMac ? '⌥' : 'Alt',
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
};
