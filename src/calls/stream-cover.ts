/** How much of a streamed answer is paid for, in estimated tokens, and from which one on more is asked for. */
export class StreamCover {
  /** The token with which more is asked for; infinite where nothing more is. */
  askAt = Number.POSITIVE_INFINITY;
  #covered = 0;
  /** So much of what is paid for is to lie ahead. */
  #ahead = 0;
  #most = Number.POSITIVE_INFINITY;

  /**
   * An attempt begins that may give so many tokens.
   * @param most no answer of it has more
   */
  begin(spoken: number, outputTokens: number, most: number): void {
    this.#covered = spoken + outputTokens;
    this.#ahead = Math.ceil(outputTokens / 2);
    this.#most = spoken + most;
    this.#plan();
  }

  /** More is being asked for: until that is answered no one asks. */
  pause(): void {
    this.askAt = Number.POSITIVE_INFINITY;
  }

  granted(tokens: number): void {
    this.#covered += tokens;
    this.#plan();
  }

  /**
   * More was refused: what is paid for is used, and then it is asked once more.
   * @returns true where it is used up
   */
  refused(spoken: number): boolean {
    if (spoken >= this.#covered) return true;
    this.askAt = this.#covered;
    return false;
  }

  #plan(): void {
    this.askAt = this.#covered >= this.#most ? Number.POSITIVE_INFINITY : this.#covered - this.#ahead;
  }
}
