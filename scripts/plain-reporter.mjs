/**
 * A vitest reporter that names what was skipped and why, and closes with one plain line: `N passed, N failed[, N skipped]`.
 *
 * A test that cannot run here says what it lacks: `skip('needs webgpu: there is no adapter')`. Where KINDLING_REQUIRE,
 * a comma list such as `chromium,webgpu`, names that, the skip counts as a failure: a machine that was set up for
 * these tests must not pass without them.
 */
export default class PlainReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const required = new Set((process.env.KINDLING_REQUIRE ?? '').split(',').filter(Boolean));
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped = [];
    const missed = [];
    for (const module of modules) {
      let seen = 0;
      for (const test of module.children.allTests()) {
        seen += 1;
        const { state, note } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else {
          const needs = /^needs ([\w-]+)/.exec(note ?? '')?.[1];
          (required.has(needs) ? missed : skipped).push({ name: test.fullName, why: note ? ` (${note})` : '' });
        }
      }
      // a file that does not load has no tests, and a suite whose hook fails only skipped ones: they must not vanish
      if (module.errors().length > 0 || (seen === 0 && module.state() === 'failed')) failed += 1;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed += 1;
    }
    failed += missed.length;
    const skips = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
    const lines = [
      ...named('skipped', skipped),
      ...named('skipped although KINDLING_REQUIRE asks for it', missed),
      `${passed} passed, ${failed} failed${skips}`,
    ];
    process.once('exit', () => {
      if (missed.length > 0) process.exitCode ||= 1;
      process.stdout.write(`${lines.join('\n')}\n`);
    });
  }
}

/** One line a test, or one for many that were skipped for the same reason. */
function named(what, tests) {
  const reasons = new Map();
  for (const { name, why } of tests) reasons.set(why, [...(reasons.get(why) ?? []), name]);
  return [...reasons].flatMap(([why, names]) =>
    names.length > 20 ? [`${what}: ${names.length} tests${why}`] : names.map((name) => `${what}: ${name}${why}`),
  );
}
