import { backward } from '@kindling/autograd';
import {
  type Closure,
  compileStep,
  type Fields,
  type Optimizer,
  type OptimizerFactory,
  type Parameter,
  parameter,
  tensor,
  type Tensor,
} from '@kindling/core';
import type { OptimizerTrial } from '../optimizerAdmission.js';
import { type Problem, samples } from './problems.js';

/** A run of an optimizer on a problem. */
export class Run {
  readonly parameter: Parameter;
  readonly optimizer: Optimizer;
  readonly #step: () => Tensor | Promise<Tensor>;
  done = 0;

  constructor(
    factory: OptimizerFactory<string, Fields>,
    readonly problem: Problem,
    readonly trial: OptimizerTrial,
    readonly lr: number,
    compiled: boolean,
    values: readonly number[] = problem.start,
  ) {
    const { matrices = false, options = {} } = trial;
    const rows = values.length % 2 === 0 ? values.length / 2 : samples.features;
    this.parameter = parameter(tensor([...values], { shape: matrices ? [rows, -1] : [-1] }));
    this.optimizer = factory([this.parameter], { ...options, lr });
    const closure: Closure = () => {
      this.optimizer.zeroGrad();
      const loss = problem.loss(this.parameter.reshape(-1));
      backward(loss);
      return loss;
    };
    this.#step = compiled ? compileStep(this.optimizer, closure) : () => this.optimizer.step(closure);
  }
  /** One step, and the loss before it. */
  async step(): Promise<Tensor> {
    const { steps = 400, falling = true } = this.trial;
    this.optimizer.groups[0].lr = falling ? this.lr * (1 - this.done / steps) : this.lr;
    this.done += 1;
    return this.#step();
  }
  async steps(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.step();
  }
  async values(): Promise<number[]> {
    return Array.from(await this.parameter.data());
  }
  /** The loss with the weights that are to be used. */
  async loss(): Promise<number> {
    this.optimizer.train(false);
    const loss = await this.problem.loss(tensor(await this.values())).item();
    this.optimizer.train(true);
    return loss;
  }
}
