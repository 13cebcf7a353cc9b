import { type Loss, type Model, noGrad, randomState, setRandomState, type Tensor, zeros } from '@kindling/core';
import type { Dataset, TargetForm } from '@kindling/data';

/**
 * How a loss wants the targets of a data set, found out by offering it zeros: the graph is built and never run, so
 * this costs nothing. Also says what the loss gives, for accumulating it.
 */
export function probe(
  model: Model,
  data: Dataset,
  loss: Loss,
  given?: TargetForm,
): { form: TargetForm; value: Tensor } {
  const random = randomState();
  try {
    return noGrad(() => {
      model.train(false);
      const rows = Math.min(2, data.rows);
      const output = model.forward(zeros([rows, ...data.rowShape]));
      const width = output.shape.length < 2 ? 1 : output.shape.at(-1)!;
      const forms: TargetForm[] =
        given !== undefined ? [given] : data.task === 'regression' ? ['value'] : width === 1 ? ['value'] : ['index', 'oneHot']; // prettier-ignore
      let failure: unknown;
      for (const form of forms) {
        const target =
          form === 'index' ? zeros([rows], { dtype: 'int32' })
          : form === 'value' ? zeros([rows, 1])
          : zeros([rows, data.classes.length]); // prettier-ignore
        try {
          return { form, value: loss(output, target) };
        } catch (error) {
          failure ??= error;
        }
      }
      throw failure;
    });
  } finally {
    setRandomState(random);
  }
}
