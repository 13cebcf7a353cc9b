import type { AnyCommand } from './command.js';
import { compareCommand } from './compare.js';
import { evaluateCommand } from './evaluate.js';
import { inspectCommand } from './inspect.js';
import { pluginsCommand } from './plugins.js';
import { predictCommand } from './predict.js';
import { trainCommand } from './train.js';

/** In the order of help. */
export const commands = [
  trainCommand,
  compareCommand,
  evaluateCommand,
  predictCommand,
  inspectCommand,
  pluginsCommand,
] as unknown as readonly AnyCommand[];
