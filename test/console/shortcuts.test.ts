import { describe, expect, it } from 'vitest';
import { type Command, commandsFor } from '../../console/src/app/command-list.ts';
import { addShortcuts, isPressed, shortcuts } from '../../console/src/app/shortcuts.ts';

const NONE = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

describe('the keys of a shortcut', () => {
  it('are pressed together, and no others with them', () => {
    expect(isPressed('Mod+K', { ...NONE, key: 'k', ctrlKey: true })).toBe(true);
    expect(isPressed('Mod+K', { ...NONE, key: 'k', metaKey: true })).toBe(true);
    expect(isPressed('Mod+K', { ...NONE, key: 'K', ctrlKey: true, shiftKey: true })).toBe(false);
    expect(isPressed('Mod+Shift+O', { ...NONE, key: 'O', ctrlKey: true, shiftKey: true })).toBe(true);
    expect(isPressed('Alt+ArrowUp', { ...NONE, key: 'ArrowUp', altKey: true })).toBe(true);
  });

  it('are a sign however it is written, but not with Ctrl or Alt, which are the browser’s', () => {
    expect(isPressed('?', { ...NONE, key: '?', shiftKey: true })).toBe(true);
    expect(isPressed('j', { ...NONE, key: 'j' })).toBe(true);
    expect(isPressed('j', { ...NONE, key: 'j', ctrlKey: true })).toBe(false);
    expect(isPressed('j', { ...NONE, key: 'j', altKey: true })).toBe(false);
  });

  it('are listed until they are taken back', () => {
    const added = [{ keys: '/', title: 'Write', where: 'Chat' }];
    const takeBack = addShortcuts(added);
    expect(shortcuts.value).toEqual(added);
    takeBack();
    expect(shortcuts.value).toEqual([]);
  });
});

function command(kind: Command['kind'], title: string): Command {
  return { kind, title, act: '/' };
}

describe('the commands', () => {
  const threads = Array.from({ length: 9 }, (_one, at) => command('Conversation', `Thread ${at}`));
  const all = [command('Page', 'Calls'), ...threads, command('Model', 'gpt-6-luna'), command('Model', 'luna-small')];

  it('are pages and a few conversations before anything is written', () => {
    expect(commandsFor(' ', all).map(({ title }) => title)).toEqual([
      'Calls',
      ...['Thread 0', 'Thread 1', 'Thread 2', 'Thread 3', 'Thread 4'],
    ]);
  });

  it('have every word that is written, and those come first that begin with it', () => {
    expect(commandsFor('Luna', all).map(({ title }) => title)).toEqual(['luna-small', 'gpt-6-luna']);
    expect(commandsFor('luna gpt', all).map(({ title }) => title)).toEqual(['gpt-6-luna']);
    expect(commandsFor('7', all).map(({ title }) => title)).toEqual(['Thread 7']);
    expect(commandsFor('nothing', all)).toEqual([]);
  });

  it('are no more than can be read', () => {
    expect(
      commandsFor(
        'x',
        Array.from({ length: 99 }, () => command('Model', 'x')),
      ),
    ).toHaveLength(12);
  });
});
