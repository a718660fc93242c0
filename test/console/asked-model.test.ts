import { describe, expect, it } from 'vitest';
import { firstOf } from '../../console/src/answer/asked-model.ts';

describe('which model is asked again', () => {
  it('is what the first way knows that knows something', async () => {
    const unreadable = () => Promise.reject(new Error('This key may not read it.'));
    const never = () => expect.fail('The one before has it.');
    expect(await firstOf([unreadable, async () => undefined, async () => '', async () => 'busy', never])).toBe('busy');
  });

  it('is not known where no way knows it', async () => {
    expect(await firstOf([async () => null])).toBeNull();
  });
});
