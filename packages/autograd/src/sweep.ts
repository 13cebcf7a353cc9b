import {
  type Attributes,
  isFloat,
  KindlingError,
  type Node,
  Parameter,
  sameShape,
  showShape,
  Tensor,
  zerosLike,
} from '@kindling/core';
import { type Rule, rules } from './rules.js';
import { topological } from './topological.js';

/** The variable whose value a node is: gradients belong to it, and end there. */
function variableOf(n: Node): unknown {
  if (n.op !== 'variable' && n.op !== 'identity') return undefined;
  return (n.attribute as Attributes['identity'])?.variable;
}

/** The parameter whose value a node is. */
export function parameterOf(n: Node): Parameter | undefined {
  const variable = variableOf(n);
  return variable instanceof Parameter ? variable : undefined;
}

function differentiableInputs(n: Node): readonly Node[] {
  if (variableOf(n) !== undefined) return [];
  if (n.freed)
    throw new KindlingError(
      `backward: the graph behind the ${n.op} of shape ${showShape(n.shape)} was freed by an earlier backward; ` +
        `give that one { retainGraph: true }, or compute the loss anew`,
    );
  return n.inputs.filter((input) => input.requiresGrad);
}

/** The gradients of a node's inputs; undefined where there is none. */
function gradientsOfInputs(n: Node, gradient: Tensor, needed: ReadonlySet<Node>): readonly (Tensor | undefined)[] {
  if (n.op === 'identity') {
    const custom = (n.attribute as Attributes['identity'])?.gradient;
    if (custom === undefined) return [gradient];
    return [
      undefined,
      ...custom(gradient.node, n).map((g, i) => (g === undefined ? g : checked(g, n.inputs[i + 1], i))),
    ];
  }
  const ofOp = (rules as Partial<Record<string, readonly Rule[]>>)[n.op];
  if (ofOp === undefined)
    throw new KindlingError(`backward: ${n.op} has no gradient; detach() its operand, or give it a customGradient`);
  const inputs = n.inputs.map((input) => new Tensor(input));
  const output = new Tensor(n);
  return n.inputs.map((input, i) =>
    needed.has(input) ? ofOp[i](gradient, inputs, output, n.attribute as undefined) : undefined,
  );
}

/** Of mixed dtypes the gradient has the widest; each input gets its own, as behind operations. */
function checked(g: Node, input: Node | undefined, i: number): Tensor {
  const fits =
    input !== undefined &&
    sameShape(g.shape, input.shape) &&
    (g.dtype === input.dtype || (isFloat(g.dtype) && isFloat(input.dtype)));
  if (!fits)
    throw new KindlingError(
      `customGradient: backward gave a ${g.dtype} gradient of shape ${showShape(g.shape)} for input ${i}, which is ` +
        (input === undefined ? 'not there' : `${input.dtype} of shape ${showShape(input.shape)}`),
    );
  return new Tensor(g).to(input.dtype);
}

/**
 * Carries gradients from `seeds` through the graph, outputs before inputs, and gives those of the nodes that
 * `isTarget` accepts: zeros for a target that is reached but has no influence.
 */
export function sweep(seeds: readonly (readonly [Node, Tensor])[], isTarget: (n: Node) => boolean): Map<Node, Tensor> {
  const order = topological(seeds.map(([n]) => n), differentiableInputs); // prettier-ignore
  const needed = new Set<Node>();
  const targets = new Set<Node>();
  for (const n of order) {
    if (isTarget(n)) targets.add(n);
    if (targets.has(n) || n.inputs.some((input) => needed.has(input))) needed.add(n);
  }
  const gradients = new Map<Node, Tensor>();
  const add = (n: Node, gradient: Tensor): void => {
    gradients.set(n, gradients.get(n)?.add(gradient) ?? gradient);
  };
  for (const [n, seed] of seeds) if (needed.has(n)) add(n, seed);
  const results = new Map<Node, Tensor>();
  for (let n = order.pop(); n !== undefined; n = order.pop()) {
    const gradient = gradients.get(n);
    gradients.delete(n);
    if (targets.has(n)) results.set(n, gradient ?? zerosLike(new Tensor(n)));
    if (gradient === undefined || variableOf(n) !== undefined) continue;
    const { inputs } = n;
    gradientsOfInputs(n, gradient, needed).forEach((g, i) => {
      if (g !== undefined && needed.has(inputs[i])) add(inputs[i], g);
    });
  }
  return results;
}
