import { describe, expect, it } from 'vitest';
import { type Said, START, saidOf } from '../../console/src/answer/said.ts';
import { endedAs } from '../../console/src/answer/stored-said.ts';
import type { ResponseFacts } from '../../console/src/answer/turn.ts';

const QUESTION = { id: 'q1', type: 'message', role: 'user', content: 'One?' };
const ANSWER = { id: 'a1', type: 'message', role: 'assistant', content: 'Half of', status: 'incomplete' };
const UNANSWERED = saidOf([QUESTION], START);
const BROKEN = saidOf([QUESTION, ANSWER], START);

const endedWith = (status: string, rest: Partial<ResponseFacts> = {}): ResponseFacts => ({
  ...{ id: 'resp_1', created_at: 1, status, model: 'm', output: [], usage: null, error: null },
  ...rest,
});
const ERROR = { code: 'server_error', message: 'It broke.' };
const endOf = (said: readonly Said[]) => said.map(({ role, text, turn }) => [role, text, turn?.phase, turn?.problem]);

describe('the last answer of what is stored', () => {
  it('is there with its error where it failed before its first word', () => {
    const said = endedAs(UNANSWERED, endedWith('failed', { error: ERROR }));
    expect(endOf(said)).toEqual([
      ['user', 'One?', undefined, undefined],
      ['assistant', '', 'failed', 'It broke.'],
    ]);
    expect(said[1]).toMatchObject({ id: null, origin: { id: 'resp_1' }, turn: { code: 'server_error', id: 'resp_1' } });
  });

  it('keeps its words and its place where it broke off, was stopped or cut', () => {
    expect(endedAs(BROKEN, endedWith('failed', { error: ERROR }))[1]).toMatchObject({
      ...{ id: 'a1', text: 'Half of', turn: { phase: 'failed', problem: 'It broke.' } },
    });
    expect(endOf(endedAs(BROKEN, endedWith('cancelled')))[1]).toEqual(['assistant', 'Half of', 'stopped', null]);
    expect(endOf(endedAs(BROKEN, endedWith('incomplete')))[1]?.[2]).toBe('done');
  });

  it('is said to be missing where nothing is on record, and where it is there no more is said', () => {
    expect(endedAs(UNANSWERED, null)[1]).toMatchObject({ text: '', turn: { phase: 'failed', code: null } });
    expect(endedAs(BROKEN, null)).toBe(BROKEN);
    expect(endedAs([], null)).toEqual([]);
  });

  it('is not told while it runs', () => {
    expect(endedAs(UNANSWERED, endedWith('in_progress'))).toBe(UNANSWERED);
  });
});
