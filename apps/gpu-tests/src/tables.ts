import { type Dataset, fromArrays, parseCsv, parseIdx } from '@kindling/data';

/** The address of a file in `data`, as Node or the page reads it. */
async function bytesOf(url: URL): Promise<Blob> {
  if (url.protocol !== 'file:') return (await fetch(url)).blob();
  return new Blob([process.getBuiltinModule('node:fs').readFileSync(url)]);
}

/** A table of `data`, standardised. */
export async function table(name: 'iris' | 'digits', target: string): Promise<Dataset> {
  const files = {
    iris: new URL('../../../data/iris.csv', import.meta.url),
    digits: new URL('../../../data/digits.csv', import.meta.url),
  };
  const parsed = await parseCsv(await bytesOf(files[name]), { target });
  return parsed.split({ validation: 0, test: 0.2, stratify: true, seed: 0 }).train;
}

/** The 2,000 digits of `data/mnist`, pixels from 0 to 1. */
export async function mnist(): Promise<{ readonly images: Float32Array; readonly labels: Int32Array }> {
  const [images, labels] = await Promise.all([
    parseIdx(await bytesOf(new URL('../../../data/mnist/images-idx3-ubyte.gz', import.meta.url))),
    parseIdx(await bytesOf(new URL('../../../data/mnist/labels-idx1-ubyte.gz', import.meta.url))),
  ]);
  return { images: Float32Array.from(images.data, (x) => x / 255), labels: Int32Array.from(labels.data) };
}

export async function mnistRows(): Promise<Dataset> {
  const { images, labels } = await mnist();
  return fromArrays(images, labels, { shape: [-1, 784] });
}
