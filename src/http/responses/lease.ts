/** A lease is renewed every two seconds: what is so old belongs to a process that has gone. */
export const LEASE_MS = 10_000;
