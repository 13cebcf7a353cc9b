const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

/** Threefry-2x32 with 20 rounds (Salmon et al., 2011): key and counter in, two random words out; all uint32. */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const key = [key0, key1, 0x1bd11bda ^ key0 ^ key1];
  let x = (counter0 + key[0]) | 0;
  let y = (counter1 + key[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8];
    x = (x + y) | 0;
    y = ((y << by) | (y >>> (32 - by))) ^ x;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x = (x + key[injection % 3]) | 0;
      y = (y + key[(injection + 1) % 3] + injection) | 0;
    }
  }
  return [x >>> 0, y >>> 0];
}
