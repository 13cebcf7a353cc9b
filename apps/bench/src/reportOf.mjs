/** All that is known of a measurement: how it was made, on what, and the numbers. */
export function reportOf(options, measured, { machine, browser, others, versionOf }) {
  return {
    date: new Date().toISOString(),
    machine,
    browser,
    others,
    ...options,
    ...measured,
    peers: measured.peers.map(({ name, threads, version, package: from }) => ({
      name,
      threads,
      version: version ?? versionOf(from),
    })),
  };
}
