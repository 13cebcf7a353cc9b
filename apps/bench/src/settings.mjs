/** How long and how often, for a number of rounds; on wall or processor time. */
export const settingsFor = (rounds, clock) => ({ rounds, batchMs: 60, warmupMs: 400, clock });
