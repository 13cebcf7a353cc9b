/** A vitest reporter that names what was skipped and closes with one plain line: `N passed, N failed[, N skipped]`. */
export default class PlainReporter {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped = [];
    for (const module of modules) {
      let seen = 0;
      for (const test of module.children.allTests()) {
        seen += 1;
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped.push(test.fullName);
      }
      // a file that does not load holds no test at all: it must not vanish
      if (seen === 0 && module.state() === 'failed') failed += 1;
    }
    const skips = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
    const lines = [...skipped.map((name) => `skipped: ${name}`), `${passed} passed, ${failed} failed${skips}`];
    process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`));
  }
}
