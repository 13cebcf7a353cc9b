/** The name and the version of this browser, as far as it tells. */
export async function browserName() {
  const { userAgentData, userAgent } = navigator;
  if (userAgentData !== undefined) {
    const { fullVersionList = [] } = await userAgentData.getHighEntropyValues(['fullVersionList']);
    // one of the list is made up, and browsers that are built on Chromium name both
    const known = fullVersionList.filter(({ brand }) => !/not.*brand/i.test(brand));
    const named = known.find(({ brand }) => brand !== 'Chromium') ?? known[0];
    if (named !== undefined) return `${named.brand} ${named.version}`;
  }
  const [, name, version] =
    /(Firefox)\/([\d.]+)/.exec(userAgent) ?? /Version\/([\d.]+).*(Safari)/.exec(userAgent) ?? [];
  return name === undefined ? userAgent : /^\d/.test(name) ? `${version} ${name}` : `${name} ${version}`;
}
