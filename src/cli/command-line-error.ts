/** A mistake on the command line or in the environment, reported in one line. */
export class CommandLineError extends Error {}
