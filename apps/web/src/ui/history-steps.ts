/**
 * Lets the way back of the browser, which on a telephone is a gesture, close what is open instead of leaving the page:
 * the history has one entry for each thing that can be closed, and the number of an entry stands in its state. What is
 * closed otherwise takes its entry along, so nothing is left in the history that leads nowhere.
 */
interface StepState {
  hanabi_step: number;
}

/** A way back of ours that reaches only the entry of some frame is told to nobody; then no more is waited for it. */
const travel_ms = 500;

export class HistorySteps {
  readonly #onback: (count: number) => void;
  #wanted = 0;
  #travel: ReturnType<typeof setTimeout> | undefined;

  /** `onback`: the person went back past so many things; whoever closes them wants fewer steps afterwards. */
  constructor(onback: (count: number) => void) {
    this.#onback = onback;
    addEventListener('popstate', this.#arrived);
  }

  /** So many things can be closed now. */
  want(count: number): void {
    this.#wanted = count;
    this.#settle();
  }

  /** Takes its entries along. */
  stop(): void {
    removeEventListener('popstate', this.#arrived);
    clearTimeout(this.#travel);
    if (currentStep() > 0) history.go(-currentStep());
  }

  #settle(): void {
    // What is pushed on the way would end up somewhere else.
    if (this.#travel !== undefined) return;
    const at = currentStep();
    for (let step = at + 1; step <= this.#wanted; step += 1) {
      history.pushState({ hanabi_step: step } satisfies StepState, '');
    }
    if (at <= this.#wanted) return;
    this.#travel = setTimeout(() => (this.#travel = undefined), travel_ms);
    history.go(this.#wanted - at);
  }

  readonly #arrived = (): void => {
    const byPerson = this.#travel === undefined;
    clearTimeout(this.#travel);
    this.#travel = undefined;
    const passed = this.#wanted - currentStep();
    if (byPerson && passed > 0) this.#onback(passed);
    else this.#settle();
  };
}

/** 0 is the page as it was entered. It is the same after the page was loaded again. */
function currentStep(): number {
  return (history.state as Partial<StepState> | null)?.hanabi_step ?? 0;
}
