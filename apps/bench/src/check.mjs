/** Whether all runners compute the same: the losses of a few steps, or every element of a result. Throws where they do not. */
export async function checkAlike(work, runners) {
  const found = new Map();
  for (const [name, runner] of runners) {
    const values = [];
    await runner.begin?.();
    for (let i = 0; i < (runner.check === undefined ? 6 : 1); i++) {
      await runner.run();
      values.push(await (runner.check ?? runner.finish)());
    }
    found.set(name, runner.check === undefined ? values : values[0]);
  }
  const [[first, expected], ...others] = found;
  let largest = 0;
  for (const x of expected) largest = Math.max(largest, Math.abs(x));
  for (const [name, values] of others) {
    const i = expected.findIndex((x, at) => !(Math.abs(values[at] - x) <= 1e-4 * largest));
    if (i >= 0 || values.length !== expected.length)
      throw new Error(`${work.title}: value ${i} of ${name} is ${values[i]}, of ${first} ${expected[i]}; they do not compute the same`); // prettier-ignore
  }
}
