/** Where checkpoints go: files by name. `write` must be atomic: after a failure the old content is still there. */
export interface CheckpointStore {
  /** undefined where there is no such file. */
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
}
