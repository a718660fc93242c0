/** What may be there at once, or come. `await` takes both. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Goes on with a value: at once where it is there. To await what is there costs a turn of the microtasks and half a
 * kilobyte, which on the way of every call adds up; what throws here throws at once, too.
 */
export function whenThere<T, Next>(value: Awaitable<T>, next: (value: T) => Next): Next | Promise<Awaited<Next>> {
  return value instanceof Promise ? (value.then(next) as Promise<Awaited<Next>>) : next(value);
}
