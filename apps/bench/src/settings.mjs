/** How long and how often, for a number of rounds; on wall or processor time. */
export const settingsFor = (rounds, clock) => ({ rounds, batchMs: 60, warmupMs: 400, clock });

/** One thread, and as many as wanted; 0 is as many as the machine has. */
export const threadCounts = (wanted, machineHas) => [...new Set([1, Math.min(wanted || machineHas, 16)])];
