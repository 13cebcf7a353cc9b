import { cpu } from '@kindling/cpu-backend';
import { huberLoss } from '@kindling/losses'; // yours
import { lossAdmission } from '@kindling/testkit';

let passed = 0;
for (const { run } of lossAdmission('the CPU', () => cpu(), huberLoss)) {
  await run(); // it(name, run) in a test
  passed += 1;
}
console.log(`admitted by ${passed} checks`);
