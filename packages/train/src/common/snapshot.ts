import { commit, compile, type Model, noGrad, type Optimizer, randomState, setRandomState, type Tensor, type Variable, variable, zerosLike } from '@kindling/core'; // prettier-ignore
import { assignAll, modelState, optimizerState } from './modelState.js';

/** A copy of some variables, on the device they live on. */
class Copies {
  readonly twins: Record<string, Variable>;
  readonly #copy: () => unknown;

  constructor(readonly source: Readonly<Record<string, Variable>>) {
    this.twins = Object.fromEntries(Object.entries(source).map(([name, v]) => [name, variable(zerosLike(v))]));
    this.#copy = compile(
      () => {
        noGrad(() => {
          assignAll(this.twins, source);
        });
      },
      { check: false },
    );
  }
  take(): void {
    this.#copy();
  }
  fits(variables: Readonly<Record<string, Variable>>): boolean {
    const names = Object.keys(variables);
    return (
      names.length === Object.keys(this.source).length && names.every((name) => this.source[name] === variables[name])
    );
  }
}

/** A copy of a model's parameters and buffers. */
export class ModelSnapshot {
  #copies: Copies | undefined;
  constructor(readonly model: Model) {}

  take(): void {
    const state = modelState(this.model);
    if (this.#copies?.fits(state) !== true) this.#copies = new Copies(state);
    this.#copies.take();
  }
  /** The copied values by name; empty before the first `take`. */
  get values(): Readonly<Record<string, Variable>> {
    return this.#copies?.twins ?? {};
  }
  /** Takes values from elsewhere, such as a file. */
  load(values: Readonly<Record<string, Tensor>>): void {
    this.#copies = new Copies(modelState(this.model));
    noGrad(() => {
      assignAll(this.#copies!.twins, values);
    });
    commit();
  }
  /** Puts the values back into the model. */
  restore(): void {
    const copies = this.#copies;
    if (copies === undefined) return;
    noGrad(() => {
      assignAll(copies.source, copies.twins);
    });
    commit();
  }
}

/** A copy of all that decides how training goes on: model, optimizer, random numbers. */
export class TrainingSnapshot {
  readonly #model: ModelSnapshot;
  #optimizerCopies: Copies | undefined;
  #host: Record<string, Tensor> = {};
  #random = randomState();

  constructor(
    model: Model,
    readonly optimizer: Optimizer,
  ) {
    this.#model = new ModelSnapshot(model);
  }
  take(): void {
    this.#model.take();
    const { variables, host } = optimizerState(this.optimizer);
    this.#host = host;
    this.#random = randomState();
    if (Object.keys(variables).length === 0) this.#optimizerCopies = undefined;
    else {
      if (this.#optimizerCopies?.fits(variables) !== true) this.#optimizerCopies = new Copies(variables);
      this.#optimizerCopies.take();
    }
  }
  restore(): void {
    this.#model.restore();
    this.optimizer.zeroGrad();
    this.optimizer.loadStateDict({ ...this.#host, ...this.#optimizerCopies?.twins });
    setRandomState(this.#random);
  }
}
