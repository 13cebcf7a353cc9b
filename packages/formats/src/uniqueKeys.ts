const QUOTE = 34;
const BACKSLASH = 92;
const OBJECT = 123;
const OBJECT_END = 125;
const ARRAY = 91;
const ARRAY_END = 93;
const COLON = 58;

/**
 * A key that stands twice in one object of a valid JSON text, or undefined. JSON.parse keeps the last silently, and
 * two readers that keep different ones see different files.
 */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the keys of each object around the place; undefined for an array
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === OBJECT) open.push(new Set());
    else if (char === ARRAY) open.push(undefined);
    else if (char === OBJECT_END || char === ARRAY_END) open.pop();
    else if (char === QUOTE) {
      const start = at;
      for (at++; json.charCodeAt(at) !== QUOTE; at++) if (json.charCodeAt(at) === BACKSLASH) at++;
      const keys = open.at(-1);
      if (keys === undefined || !colonFollows(json, at + 1)) continue; // a string in an array, or a value
      const key = JSON.parse(json.slice(start, at + 1)) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

function colonFollows(json: string, at: number): boolean {
  while (json.charCodeAt(at) <= 32) at++;
  return json.charCodeAt(at) === COLON;
}
