/** Counts what makes bind groups or pipelines stale: who keeps any compares, and makes them anew. */
export interface Revision {
  value: number;
}
