import type { Request } from 'express';
import type { PassedCall } from '../../calls/call.ts';
import type { CallRun } from '../../calls/run-call.ts';
import { countIn, MOST_PICTURES } from './cost.ts';
import { boundaryIn, FormFieldReader } from './form-field.ts';
import { routeOf } from './paths.ts';

/** Is shown a piece of a body before it is sent on; false, or in a while, where it must not be. */
export type Inspect = (piece: Buffer) => boolean | Promise<boolean>;

/**
 * How many pictures a form asks for stands anywhere in it, also behind the picture that it brings, and is not known when the
 * call is admitted: they are paid for before the piece goes on that tells, so before the provider has all of the form. The
 * call ends where they cannot be. Null where nothing limits the call, or it is no such form.
 */
export function payForPictures(request: Request, run: CallRun<PassedCall>): Inspect | null {
  const { reservation, cost } = run.call;
  const boundary = boundaryIn(request.get('content-type'));
  if (reservation === null || cost === null || cost.images === 0) return null;
  if (boundary === null || routeOf(request) !== 'images') return null;
  const reader = new FormFieldReader(boundary, 'n');
  let isRefused = false;
  const cover = async (images: number): Promise<boolean> => {
    const refusal = await reservation.cover(images);
    if (refusal !== null) {
      isRefused = true;
      run.abort(refusal);
    }
    return !isRefused;
  };
  return (piece) => {
    const counts = isRefused ? [] : reader.add(piece).map(picturesIn);
    return counts.length === 0 ? !isRefused : cover(Math.max(...counts));
  };
}

/** A value that is not plain digits may be read as a number all the same: it counts as the most that a request can ask for. */
function picturesIn(value: string): number {
  return value === '' || /^\d{1,63}$/.test(value) ? countIn(value) : MOST_PICTURES;
}
