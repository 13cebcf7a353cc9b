let state = 1;

/** Uniform between −1 and 1, the same on every run. */
export function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
}

export function randomArray(size, scale = 1) {
  return Float32Array.from({ length: size }, () => random() * scale);
}

/** `count` labels below `classes`. */
export function randomLabels(count, classes) {
  return Int32Array.from({ length: count }, () => Math.floor(((random() + 1) / 2) * classes));
}
