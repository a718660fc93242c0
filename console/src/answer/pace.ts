/** An answer that comes takes a quarter of the page's time at most: the rest is for its reader. */
const SHARE = 1 / 4;

/** Draws what has come, at most once a frame, and after what was costly later. */
export class Pace {
  readonly #draw: () => void;
  #frame = 0;
  #restsUntil = 0;

  /** @param draw brings all that has come until then into the page */
  constructor(draw: () => void) {
    this.#draw = draw;
  }

  /** Something has come. A hidden page has no frames: it draws once, when it is seen again. */
  want(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#onFrame);
  }

  /** No more comes; what was not drawn stays so. */
  end(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  readonly #onFrame = (): void => {
    const startedAt = performance.now();
    this.#frame = 0;
    if (startedAt < this.#restsUntil) {
      this.want();
      return;
    }
    this.#draw();
    // Layout and paint follow in this very task.
    setTimeout(() => {
      this.#restsUntil = startedAt + (performance.now() - startedAt) / SHARE;
    });
  };
}
