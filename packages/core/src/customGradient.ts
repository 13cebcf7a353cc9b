import { type Node, node, noGrad } from './node.js';
import { Tensor } from './tensor.js';

/**
 * A function with a gradient of its own: `forward` is evaluated as it stands, and `backward` gives the gradients of the
 * inputs (undefined where there is none) from that of the output. The gradient is built of tensor operations, so it
 * can be differentiated again.
 */
export function customGradient(
  inputs: readonly Tensor[],
  forward: (inputs: readonly Tensor[]) => Tensor,
  backward: (gradient: Tensor, output: Tensor, inputs: readonly Tensor[]) => readonly (Tensor | undefined)[],
): Tensor {
  const value = noGrad(() => forward(inputs)).node;
  const gradient = (g: Node, self: Node): (Node | undefined)[] =>
    // the inputs of the node rather than those given: it may be a copy (see autograd's `checkpoint`)
    backward(new Tensor(g), new Tensor(self), self.inputs.slice(1).map((n) => new Tensor(n))).map((t) => t?.node); // prettier-ignore
  return new Tensor(node('identity', [value, ...inputs.map((t) => t.node)], value.shape, value.dtype, { gradient }));
}
