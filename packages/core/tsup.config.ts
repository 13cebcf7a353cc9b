import { library } from '../../tsup.preset.js';

// a tensor has [Symbol.dispose], whatever the libraries that a user's project names
export default library(['src/index.ts', 'src/modelScope.ts'], {}, '/// <reference lib="esnext.disposable" />');
