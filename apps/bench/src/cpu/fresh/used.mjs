/** Tells what this process used, as its last line, and ends it. */
export function tellUsed(answer = {}) {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`\n${JSON.stringify({ ...answer, used: (user + system) / 1e6 })}\n`, () => process.exit(0));
}
