import type { Memory } from './backend.js';
import { KindlingError } from './errors.js';
import { assigned, currentTrace, disownMemory, gradientGiven, guarded } from './evaluate.js';
import { differentiableLeaf, type Node } from './node.js';
import { filled, where } from './operations.js';
import { sameShape, showShape } from './shape.js';
import { Tensor } from './tensor.js';

/**
 * A named slot whose current value changes: parameters, running statistics, optimizer state. Using it in an operation
 * takes the value of that moment, whatever is assigned later.
 */
export class Variable extends Tensor {
  /** For messages and files. */
  name: string | undefined;
  /** Counts the overwrites of the memory; a graph that needs an older value is stale. */
  version = 0;
  /** Owned device memory, once there has been a first evaluation. */
  memory: Memory | undefined;
  /** How the first value is computed; forgotten afterwards. */
  initial: Node | undefined;
  #leaf: Node | undefined;
  #leafVersion = -1;
  /** Assigned and not yet written. */
  pending: Node | undefined;

  constructor(initial: Tensor) {
    super(undefined, initial.shape, initial.dtype);
    this.initial = initial.node;
  }

  /** Whether gradients are wanted; only parameters do. */
  get differentiable(): boolean {
    return false;
  }

  override get node(): Node {
    if (this.pending !== undefined) return this.pending;
    if (
      this.#leaf === undefined ||
      this.#leafVersion !== this.version ||
      this.#leaf.requiresGrad !== this.differentiable
    ) {
      const attribute = { variable: this as Variable, version: this.version };
      this.#leaf = differentiableLeaf('variable', [], this.shape, this.dtype, attribute, this.differentiable);
      this.#leafVersion = this.version;
    }
    return this.#leaf;
  }

  override get [Symbol.toStringTag](): string {
    return this instanceof Parameter ? 'Parameter' : 'Variable';
  }
  override describe(): string {
    return `${this.name ?? (this instanceof Parameter ? 'a parameter' : 'a variable')} (${this.dtype} ${showShape(this.shape)})`;
  }

  /** Gives the memory back. Never needed: it is also given back when nothing refers to the variable any more. */
  override dispose(): void {
    if (this.memory !== undefined) disownMemory(this.memory);
    this.memory = undefined;
  }
}

/** A variable that starts as `initial`. */
export function variable(initial: Tensor): Variable {
  return started(new Variable(initial), initial);
}

/** Where the first value is computed from variables, it must be before they are overwritten. */
function started<V extends Variable>(v: V, initial: Tensor): V {
  if (currentTrace() === undefined && readsVariables(initial.node)) assign(v, initial);
  return v;
}

/** Whether the value of a node is still to be computed from variables. */
export function readsVariables(root: Node): boolean {
  const seen = new Set<Node>();
  const stack = [root];
  while (stack.length > 0) {
    const n = stack.pop()!;
    if (seen.has(n) || n.value !== undefined) continue;
    if (n.op === 'variable') return true;
    seen.add(n);
    stack.push(...n.inputs);
  }
  return false;
}

let condition: Node | undefined;

/**
 * Runs `body` (synchronous), in which variables take new values only if `only`, a 0-d bool, is true: known when it is
 * run, and not before. Else they keep what they have. Gradients are not variables in this sense.
 */
export function assignOnlyIf(only: Tensor, body: () => void): void {
  if (only.dtype !== 'bool' || only.shape.length !== 0)
    throw new KindlingError(`assignOnlyIf: the condition is ${only.describe()}; it must be a 0-d bool`);
  const before = condition;
  condition = before === undefined ? only.node : new Tensor(before).and(only).node;
  try {
    body();
  } finally {
    condition = before;
  }
}

/**
 * Gives `target` a new value. It is written at the next evaluation or step; the program means what it would if it
 * were written now.
 */
export function assign(target: Variable, value: Tensor): void {
  if (!sameShape(target.shape, value.shape) || target.dtype !== value.dtype)
    throw new KindlingError(
      `assign: ${target.describe()} cannot take a value of shape ${showShape(value.shape)} and dtype ${value.dtype}`,
    );
  const source = condition === undefined ? value.node : where(condition, value.node, target.node);
  target.pending = differentiableLeaf(
    'identity',
    [source],
    source.shape,
    source.dtype,
    { variable: target },
    target.differentiable,
  );
  assigned(target);
}

/** Sees the gradient of a `backward`, and may give another in its place. */
export type GradientHook = (gradient: Tensor) => Tensor | undefined;

/** A variable that an optimizer trains. */
export class Parameter extends Variable {
  #hooks: readonly GradientHook[] = [];
  #requiresGrad = true;
  #grad: Tensor | undefined;
  /** Where a gradient lives that has been evaluated. */
  #gradSlot: Variable | undefined;

  /** false freezes it: no gradient, no optimizer state. */
  override get requiresGrad(): boolean {
    return guarded(() => this.#requiresGrad);
  }
  override set requiresGrad(on: boolean) {
    this.#requiresGrad = on;
  }
  override get differentiable(): boolean {
    return this.requiresGrad;
  }

  /** What `backward` has accumulated; undefined before it, and after `zeroGrad`. */
  get grad(): Tensor | undefined {
    const trace = currentTrace();
    if (trace !== undefined && !trace.gradients.has(this)) {
      trace.gradients.set(this, this.#grad);
      guarded(() => this.#grad === undefined);
    }
    return this.#grad;
  }
  set grad(value: Tensor | undefined) {
    if (value !== undefined && (!sameShape(value.shape, this.shape) || value.dtype !== this.dtype))
      throw new KindlingError(
        `grad: a gradient of shape ${showShape(value.shape)} and dtype ${value.dtype} was given to ${this.describe()}`,
      );
    const trace = currentTrace();
    if (trace === undefined) gradientGiven(this);
    else if (!trace.gradients.has(this)) trace.gradients.set(this, this.#grad);
    this.#grad = value;
  }

  /**
   * Calls `hook` with the gradient of each `backward`, before it is added to `grad`; what it returns takes the gradient's
   * place. The result takes it away again. In a compiled function it is traced with the rest.
   */
  registerHook(hook: GradientHook): () => void {
    this.#hooks = [...this.#hooks, hook];
    return () => {
      this.#hooks = this.#hooks.filter((h) => h !== hook);
    };
  }
  /** A gradient as the hooks make it. */
  hooked(gradient: Tensor): Tensor {
    const result = guarded(() => this.#hooks).reduce((g, hook) => hook(g) ?? g, gradient);
    if (result !== gradient && (!sameShape(result.shape, this.shape) || result.dtype !== this.dtype))
      throw new KindlingError(
        `registerHook: a hook gave ${result.describe()} in place of the gradient of ${this.describe()}`,
      );
    return result;
  }

  /** The gradient as it is, without a trace noticing. */
  peekGrad(): Tensor | undefined {
    return this.#grad;
  }
  /** Puts a gradient back or away, without a trace noticing. */
  restoreGrad(value: Tensor | undefined): void {
    this.#grad = value;
  }

  /** The gradient was written to its place, which is its value from now on. */
  gradientWritten(): void {
    this.#grad = new Tensor(this.gradSlot().node);
  }

  /** The variable that holds the evaluated gradient. */
  gradSlot(): Variable {
    if (this.#gradSlot === undefined) {
      this.#gradSlot = new Variable(new Tensor(filled(0, this.shape, this.dtype)));
      this.#gradSlot.name = `the gradient of ${this.name ?? 'a parameter'}`;
    }
    return this.#gradSlot;
  }
}

/** A parameter that starts as `value`. */
export function parameter(value: Tensor): Parameter {
  if (value.dtype !== 'float32' && value.dtype !== 'float64' && value.dtype !== 'float16')
    throw new KindlingError(`parameter: a parameter has a float dtype, not ${value.dtype}; cast it with to('float32')`);
  return started(new Parameter(value), value);
}
