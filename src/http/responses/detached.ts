import type { Response } from 'express';
import type { TranslatedCall } from '../../calls/call.ts';
import { runDetached } from '../../calls/detached-run.ts';
import { EventLog } from '../../calls/event-log.ts';
import type { CallRun } from '../../calls/run-call.ts';
import type { Config } from '../../config/config.ts';
import { headersOf } from '../call-headers.ts';
import type { Answers } from './answers.ts';
import type { ResponsesRequest } from './asked.ts';
import { followRunning } from './follow.ts';
import { eventsExpireAt, keepEvents } from './keep-events.ts';
import { ownerOf } from './owner.ts';
import type { RunningResponse } from './running.ts';

/** Starts a response that runs to its end, with or without a reader. */
export function startDetached(
  run: CallRun<TranslatedCall>,
  asked: ResponsesRequest,
  answers: Answers,
  { resume }: Pick<Config, 'resume'>,
): RunningResponse {
  const { call, context } = run;
  const log = new EventLog();
  if (asked.isBackground) log.append(asked.writer.open('queued'));
  const ended = runDetached(run, log);
  // The error is the answer's, and stands in its events; what waits for the end gets it as well.
  ended.catch(() => undefined);
  const known = { id: call.id, owner: ownerOf(call.key), log };
  const expiresAt = (): number => eventsExpireAt(context.now(), call.totalMs, resume.keepMs);
  const keep =
    asked.isStream && answers.threads !== null ? keepEvents(answers.threads, known, expiresAt, context) : null;
  const running: RunningResponse = {
    ...known,
    key: call.key.id,
    isBackground: asked.isBackground,
    writer: asked.writer,
    spoken: () => call.spoken.tokens(),
    abort: (reason) => run.abort(reason),
    ended,
    kept: keep === null ? ended : keep.catch((error: unknown) => answers.lost(error)),
  };
  answers.running.add(running);
  return running;
}

/** Tells the client that asked for it: at once in the background, else as it comes or at its end. */
export async function answerDetached(
  run: CallRun<TranslatedCall>,
  running: RunningResponse,
  { isStream, isBackground, writer }: ResponsesRequest,
  response: Response,
  { keepaliveMs }: Pick<Config['server'], 'keepaliveMs'>,
): Promise<void> {
  const headers = (): Record<string, string> => headersOf(run.call, run.context.now());
  try {
    if (isStream) return await followRunning(response, running, { from: 0, keepaliveMs, headers });
    if (!isBackground) await running.ended;
  } catch (error) {
    if (response.headersSent || response.destroyed) return;
    response.set(headers());
    throw error;
  }
  response.set(headers()).json(isBackground ? writer.snapshot() : writer.result());
}
