import { cpu } from '@kindling/cpu-backend'; // yours
import { conformance } from '@kindling/testkit';

// with any test runner: for (const { name, run } of cases) test(name, run);
const cases = conformance('cpu', () => cpu(), { expressions: 10 });
for (const { run } of cases.slice(0, 20)) await run();
console.log(`${cases.length} cases`);
