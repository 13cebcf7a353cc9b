/** Loads what greets on the console. */
export async function quietly(load) {
  const { warn, log } = console;
  console.warn = console.log = () => {};
  try {
    return await load();
  } finally {
    Object.assign(console, { warn, log });
  }
}
