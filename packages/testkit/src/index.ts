export { referenceBackend } from './referenceBackend.js';
