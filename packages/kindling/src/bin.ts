#!/usr/bin/env node
import { exitCode, main } from '@kindling/cli';
import { openRegistry, ownVersion } from './registry.js';

// `kindling predict … | head` closes the pipe early: that is no error
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCode.done);
    throw error;
  });

process.exitCode = await main(process.argv.slice(2), {
  registry: openRegistry,
  version: ownVersion(),
  interrupts(listener) {
    let count = 0;
    const handler = (): void => {
      count += 1;
      if (count > 1) {
        // a progress bar hides the cursor and switches wrapping off
        if (process.stderr.isTTY) process.stderr.write('\u001b[?25h\u001b[?7h\n');
        process.exit(exitCode.interrupted);
      }
      listener();
    };
    process.on('SIGINT', handler);
    return () => void process.off('SIGINT', handler);
  },
});
