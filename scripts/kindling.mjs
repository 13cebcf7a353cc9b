// `npm run kindling -- …` in the repository: the built command line. Installs and builds first where sources are newer.
import { isBuilt, prepare } from './prepare.mjs';

if (!isBuilt()) prepare({ output: 2 }); // standard output is the command's own
await import('../packages/kindling/dist/bin.js');
