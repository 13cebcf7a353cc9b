import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const bin = new URL('../dist/bin.js', import.meta.url).pathname;
const iris = new URL('../../../data/iris.csv', import.meta.url).pathname;

/** The command as a user's shell runs it; what the tests in one process cannot see: exit codes, signals, pipes. */
describe.skipIf(!existsSync(bin))('the built command', { timeout: 60_000 }, () => {
  let cwd: string;
  beforeAll(() => (cwd = mkdtempSync(join(tmpdir(), 'kindling-bin-'))));
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));
  const run = (argv: string[], input?: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [bin, ...argv], { cwd, input, encoding: 'utf8' });

  it('prints its version', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }; // prettier-ignore
    expect(run(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('trains, and serves through a pipe', () => {
    const trained = run(['train', iris, '--target', 'species', '--epochs', '30', '--lr', '0.01', '--out', 'm', '--json']); // prettier-ignore
    expect(trained.status).toBe(0);
    const result = JSON.parse(trained.stdout) as Record<string, unknown>;
    expect(result['accuracy']).toBeGreaterThan(0.9);
    const { info } = JSON.parse(readFileSync(join(cwd, 'm/model.json'), 'utf8')) as { info: { packages: Record<string, string> } }; // prettier-ignore
    expect(Object.keys(info.packages)).toEqual(expect.arrayContaining(['kindling', '@kindling/core', '@kindling/losses'])); // prettier-ignore
    const header = 'sepal_length,sepal_width,petal_length,petal_width\n';
    const { status, stdout, stderr } = run(['predict', 'm'], `${header}5.1,3.5,1.4,0.2\n6.5,3,5.8,2.2\n`);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'prediction\nsetosa\nvirginica\n', stderr: '' });
  });

  it('ends with 2 for bad input and 1 for training that fails', () => {
    expect(run(['train', 'nope.csv', '--target', 'x'])).toMatchObject({ status: 2, stdout: '' });
    const argv = ['train', iris, '--target', 'species', '--optimizer', 'sgd', '--lr', '1e30', '--out', 'bad'];
    expect(run(argv)).toMatchObject({ status: 1, stdout: '' });
    expect(existsSync(join(cwd, 'bad'))).toBe(false);
  });

  it('does not mind a pipe that closes early', async () => {
    const child = spawn(process.execPath, [bin, 'plugins', '--json'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it.skipIf(process.platform === 'win32')(
    'ends with 130 after Ctrl-C, with a checkpoint that it goes on from',
    async () => {
      // prettier-ignore
      const argv = ['train', iris, '--target', 'species', '--epochs', '100000', '--patience', '0', '--out', 'long'];
      const child = spawn(process.execPath, [bin, ...argv], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
      let err = '';
      child.stderr.on('data', (chunk) => {
        err += String(chunk);
        if (/epochs 1\//.test(String(chunk))) setTimeout(() => child.kill('SIGINT'), 300);
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect(code).toBe(130);
      expect(err).toMatch(
        /the checkpoint is in long\.checkpoint\. To go on:\n {2}kindling train .* --out long --resume/,
      );
      expect(readdirSync(join(cwd, 'long.checkpoint')).length).toBeGreaterThan(1);
      expect(existsSync(join(cwd, 'long'))).toBe(false);
    },
  );
});
