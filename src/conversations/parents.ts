import type { GatewayError } from '../protocol/errors.ts';
import type { KeptResponse, RemotePlace } from './records.ts';
import { missingParent, noParent, shown } from './thread-errors.ts';

/** What was found of a parent; null where there is none. */
type FoundParent = { readonly response: KeptResponse } | null;

/** A response that another one can follow. */
export interface Parent {
  readonly response: KeptResponse;
  readonly thread: string;
  readonly turn: number;
}

/** The parent of a response that is kept here. @throws GatewayError 400 `previous_response_not_found` */
export function parentIn(found: FoundParent, id: string): Parent {
  if (found === null) throw missingParent(id);
  const { thread, turn, status, remote } = found.response;
  if (remote !== null) throw keptElsewhere(id, remote.provider);
  if (status !== 'completed' && status !== 'incomplete') {
    throw noParent(
      `Previous response with id '${shown(id)}' is '${status}': only one that was answered can be followed.`,
    );
  }
  // One that was made with `store: false` is readable for a while, and joins nothing.
  if (thread === null || turn === null) throw missingParent(id);
  return { response: found.response, thread, turn };
}

/** Where the parent of a response is that this provider keeps. @throws GatewayError 400 `previous_response_not_found` */
export function remoteParentIn(found: FoundParent, id: string, provider: string): RemotePlace {
  if (found === null) throw missingParent(id);
  const { remote } = found.response;
  if (remote === null) throw keptHere(id, provider);
  if (remote.provider !== provider) throw keptElsewhere(id, remote.provider);
  return remote;
}

function keptElsewhere(id: string, provider: string): GatewayError {
  return noParent(
    `Previous response with id '${shown(id)}' is kept by its provider '${provider}': only a model that is asked there ` +
      "can follow it. Name one, or send the conversation as 'input'.",
  );
}

function keptHere(id: string, provider: string): GatewayError {
  return noParent(
    `Previous response with id '${shown(id)}' is kept by the gateway, and not by the provider '${provider}', which keeps ` +
      "what this model answers. Name another model, or send the conversation as 'input'.",
  );
}
