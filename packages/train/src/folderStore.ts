import type { CheckpointStore } from './checkpointStore.js';
import { fileSystem, readIfThere, unusable, writeAtomically } from './common/files.js';

/** Checkpoints as files of a folder, in Node. The folder is made with the first one. */
export function folderStore(folder: string): CheckpointStore {
  return {
    read: (name) => readIfThere('checkpoint', fileSystem('checkpoint').path.join(folder, name)),
    async write(name, bytes) {
      const { fs, path } = fileSystem('checkpoint');
      try {
        await fs.mkdir(folder, { recursive: true });
      } catch (error) {
        throw unusable('checkpoint', folder, error);
      }
      await writeAtomically('checkpoint', path.join(folder, name), bytes);
    },
  };
}
