import { pino } from 'pino';
import { expect, it } from 'vitest';
import { logObserver } from '../../src/observe/logger.ts';
import { GatewayError } from '../../src/protocol/errors.ts';
import { toUsageRecord } from '../../src/usage/record.ts';
import { buildCall } from '../support/calls.ts';

it('the logger writes the line of a call in one piece, and every other line as pino does', () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info', base: { host: 'a' } }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const observer = logObserver(log, toUsageRecord, () => true);
  observer.callEnded(Object.assign(buildCall(), { outcome: 'completed', endedAt: 2000 }));
  log.info({ other: 'line' }, 'before');
  log.level = 'warn';
  observer.callEnded(Object.assign(buildCall(), { outcome: 'completed' }));
  const error = new GatewayError('internal_error', 'No.');
  observer.callEnded(Object.assign(buildCall(), { outcome: 'failed', error }));

  const [call, before, failed, ...rest] = lines;
  expect(call).toMatchObject({ level: 30, host: 'a', id: 'call-1', msg: 'call', outcome: 'completed', error: null });
  expect(call?.['messages']).toEqual(buildCall().request.origin.body['messages']);
  expect(before).toEqual({ level: 30, time: before?.['time'], host: 'a', other: 'line', msg: 'before' });
  expect(failed).toMatchObject({ level: 40, host: 'a', outcome: 'failed', reason: 'No.', msg: 'call' });
  expect(rest).toEqual([]);
});
