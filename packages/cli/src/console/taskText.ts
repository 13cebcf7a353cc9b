import type { DataTask } from '@kindling/data';

/** A task in a sentence. */
export function taskText(task: DataTask): string {
  return task === 'binary' ? 'binary classification' : task;
}
