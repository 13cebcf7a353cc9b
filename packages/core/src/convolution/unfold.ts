import { customGradient } from '../customGradient.js';
import { arange, where } from '../functions.js';
import * as operations from '../operations.js';
import { dimension } from '../shape.js';
import { Tensor } from '../tensor.js';

/**
 * Windows of `size` elements, `dilation` apart, that begin every `step` elements of `dim`: the number of windows takes the
 * place of `dim`, and a new last dimension runs along a window. `out[…, w, …, t] = x[…, w·step + t·dilation, …]`. Without
 * `dilation` it is PyTorch's `Tensor.unfold`. Nothing is copied.
 */
export function unfold(x: Tensor, dim: number, size: number, step: number, dilation = 1): Tensor {
  const d = dimension('unfold', dim, x.shape);
  return customGradient(
    [x],
    ([v]) => new Tensor(operations.unfold(v.node, d, size, step, dilation)),
    (g) => [fold(g, x.shape, d, size, step, dilation)],
  );
}

/** The gradient of `unfold`, and its own is `unfold`. */
function fold(
  windows: Tensor,
  shape: readonly number[],
  dim: number,
  size: number,
  step: number,
  dilation: number,
): Tensor {
  return customGradient(
    [windows],
    ([v]) => overlapAdd(v, shape, dim, size, step, dilation),
    (g) => [unfold(g, dim, size, step, dilation)],
  );
}

/** Windows that may share an element before it is looked up which they are. */
const mostShifts = 8;

/**
 * Puts windows back to where `unfold` took them from, and adds up what meets in one place. With step s, position
 * s·q + r is element r + s·u of window q − u: for each u the windows are laid end to end and moved by u steps. No
 * element is scattered, and windows that do not overlap are only moved.
 */
function overlapAdd(
  windows: Tensor,
  shape: readonly number[],
  dim: number,
  size: number,
  step: number,
  dilation: number,
): Tensor {
  const last = shape.length;
  const order = [...shape.keys()].filter((d) => d !== dim);
  // [...others, count, size]
  let t = windows.permute(...order, dim, last);
  const others = t.shape.slice(0, -2);
  const count = t.shape[last - 1];
  const padLast = (x: Tensor, before: number, after: number): Tensor =>
    x.pad(x.shape.map((_, d) => (d === x.shape.length - 1 ? [before, after] : [0, 0])));
  const sliceLast = (x: Tensor, from: number, to: number): Tensor =>
    x.slice(...x.shape.slice(1).map(() => undefined), [from, to]);
  if (dilation > 1) {
    t = padLast(t.unsqueeze(-1), 0, dilation - 1).reshape([...others, count, size * dilation]);
    size = (size - 1) * dilation + 1;
    t = sliceLast(t, 0, size);
  }
  const shifts = Math.ceil(size / step);
  const places = count + shifts - 1;
  let out: Tensor;
  if (shifts <= mostShifts) {
    const parts = Array.from({ length: shifts }, (_, u) => {
      const part = sliceLast(t, u * step, Math.min(size, (u + 1) * step));
      const whole = padLast(part, 0, step - part.shape[last]).reshape([...others, count * step]);
      return padLast(whole, u * step, (shifts - 1 - u) * step);
    });
    out = parts.reduce((sum, part) => sum.add(part));
  } else {
    const [q, r, u] = [arange(places).reshape(-1, 1, 1), arange(step).reshape(-1, 1), arange(shifts)];
    const [window, element] = [q.sub(u), r.add(u.mul(step))];
    const there = window.ge(0).and(window.lt(count)).and(element.lt(size));
    const index = where(there, window.mul(size).add(element), 0).flatten();
    const flat = t.reshape([...others, count * size]).gather(-1, index.expand(...others, index.size));
    out = where(there, flat.reshape([...others, places, step, shifts]), 0).sum(-1);
    out = out.reshape([...others, places * step]);
  }
  const length = places * step;
  out = length >= shape[dim] ? sliceLast(out, 0, shape[dim]) : padLast(out, 0, shape[dim] - length);
  const from = [...order, dim];
  return out.permute(...from.map((_, d) => from.indexOf(d)));
}
