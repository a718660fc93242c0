import { useRef, useState } from 'preact/hooks';
import { onePerFamily } from '../feed/families.ts';
import { listModels } from '../feed/figures.ts';
import { usePoll } from '../feed/poll.ts';
import { listThreads } from '../feed/threads.ts';
import { Dialog } from '../parts/dialog.tsx';
import { type Command, commandsFor } from './command-list.ts';
import type { Destination } from './navigation.tsx';
import { go, href } from './router.ts';
import { switchTheme, theme } from './theme.ts';

interface CommandsProps {
  readonly destinations: readonly Destination[];
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
}

/** Everything by its name: what is written finds pages, conversations and models; `Enter` takes the first, arrows go on. */
export function Commands({ destinations, onClose, onShortcuts }: CommandsProps) {
  const [words, write] = useState('');
  const list = useRef<HTMLUListElement>(null);
  const found = commandsFor(words, [...useFound(destinations), ...settings(onShortcuts)]);
  const take = ({ act }: Command): void => {
    onClose();
    if (typeof act === 'string') go(act);
    else act();
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <form
        onKeyDown={(event) => moveFocus(event, list.current)}
        onSubmit={(event) => {
          event.preventDefault();
          if (found[0] !== undefined) take(found[0]);
        }}
      >
        <label class="field">
          A page, a conversation or a model
          {/* Not one of type search: there the first Escape would empty it and close nothing. */}
          <input type="text" value={words} autocomplete="off" onInput={(event) => write(event.currentTarget.value)} />
        </label>
        <p class="hidden" role="status">
          {found.length === 0 ? 'Nothing found' : `${found.length} found`}
        </p>
        {found.length === 0 && <p class="empty">Nothing has “{words}” in its name.</p>}
        <ul class="choices" ref={list}>
          {found.map((command) => (
            <li key={`${command.kind} ${command.act} ${command.title}`}>
              <Choice command={command} onTake={() => take(command)} />
            </li>
          ))}
        </ul>
      </form>
    </Dialog>
  );
}

function Choice({ command: { kind, title, act }, onTake }: { readonly command: Command; readonly onTake: () => void }) {
  const inner = (
    <>
      <span>{title}</span> <span class="quiet">{kind}</span>
    </>
  );
  if (typeof act !== 'string') {
    return (
      <button class="choice" type="button" onClick={onTake}>
        {inner}
      </button>
    );
  }
  const open = (event: MouseEvent): void => {
    // A new tab or window is the browser's.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onTake();
  };
  return (
    <a class="choice" href={href(act)} onClick={open}>
      {inner}
    </a>
  );
}

/** What cannot be read is not offered: pages are there in any case. */
function useFound(destinations: readonly Destination[]): readonly Command[] {
  const threads = usePoll((abort) => listThreads('', abort), 'threads', null);
  const models = usePoll(listModels, 'models', null);
  return [
    ...destinations.map(({ title, path }): Command => ({ kind: 'Page', title, act: path })),
    ...onePerFamily(threads.data?.data ?? []).map(
      ({ id, metadata }): Command => ({ kind: 'Conversation', title: metadata?.['title'] || id, act: `/c/${id}` }),
    ),
    ...(models.data ?? []).map(
      ({ id }): Command => ({ kind: 'Model', title: id, act: `/models?${new URLSearchParams({ q: id })}` }),
    ),
  ];
}

function settings(onShortcuts: () => void): readonly Command[] {
  return [
    { kind: 'Setting', title: 'Keyboard shortcuts', act: onShortcuts },
    { kind: 'Setting', title: `Colours: ${theme.value}`, act: switchTheme },
  ];
}

function moveFocus(event: KeyboardEvent, list: HTMLElement | null): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || list === null) return;
  event.preventDefault();
  const input = list.closest('form')?.querySelector('input');
  const choices = [...list.querySelectorAll<HTMLElement>('.choice')];
  const at = choices.indexOf(document.activeElement as HTMLElement);
  (choices[at + step] ?? (step < 0 ? input : choices[at]))?.focus();
}
