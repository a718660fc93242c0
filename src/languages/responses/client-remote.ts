import type { GatewayError } from '../../protocol/errors.ts';
import { isRecord, type JsonRecord, parseJson, recordOf, stringOf } from '../../protocol/json.ts';
import { toErrorFields } from './client-ending.ts';

/** What is ours of a response that its provider keeps: `id`, `model`, `previous_response_id`. */
export type RemoteFields = JsonRecord;

/** An event of a response that its provider keeps. */
export interface RemoteEvent {
  /** As its provider wrote it. */
  readonly text: string;
  readonly type: string;
  readonly fields: JsonRecord;
}

/** Null for a text that is no event: it may say anything, ids of the provider as well. */
export function toRemoteEvent(text: string): RemoteEvent | null {
  const fields = recordOf(parseJson(text));
  const type = stringOf(fields['type']);
  return type === null ? null : { text, type, fields };
}

/** The event as a frame; only into those that tell of the whole response comes what is ours. */
export function remoteFrame({ text, type, fields }: RemoteEvent, own: RemoteFields): string {
  const { response } = fields;
  const said = isRecord(response) ? JSON.stringify({ ...fields, response: { ...response, ...own } }) : text;
  // A text of several lines would be several fields.
  return `event: ${type}\ndata: ${said.replace(/\s*\n\s*/g, ' ')}\n\n`;
}

/** The last event of a stream that broke off: the response itself may go on. @param number of the event */
export function brokenFrame(error: GatewayError, number: number): string {
  return `event: error\ndata: ${JSON.stringify({ type: 'error', sequence_number: number, ...toErrorFields(error) })}\n\n`;
}
