/** What the suites need of `node:fs` in a browser: the goldens, from the server that serves the tests. */
export function readFileSync(url: URL): string {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.send();
  if (request.status !== 200) throw new Error(`${url.href}: ${request.status} ${request.statusText}`);
  return request.responseText;
}
