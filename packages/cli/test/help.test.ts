import { describe, expect, it } from 'vitest';
import { kindling } from './harness.js';

describe('help', () => {
  it('shows all commands', async () => {
    for (const argv of [[], ['--help'], ['-h'], ['help']]) {
      const { code, out, err } = await kindling(argv);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      for (const command of ['train', 'compare', 'evaluate', 'predict', 'inspect', 'plugins'])
        expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
  });

  it.each(['train', 'compare', 'evaluate', 'predict', 'inspect', 'plugins'])(
    'shows flags and examples of %s',
    async (command) => {
      // prettier-ignore
      for (const argv of [[command, '--help'], ['help', command], [command, '-h', '--nonsense']]) {
      const { code, out, err } = await kindling(argv);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(new RegExp(`Usage: kindling ${command}`));
      expect(out).toMatch(/--json +one JSON object on standard output/);
      expect(out).toMatch(new RegExp(`Examples:\\n(  \\$ .*\\n)*  \\$ (.*\\| )?kindling ${command} `));
    }
    },
  );

  it('prints the version', async () => {
    for (const flag of ['--version', '-V']) expect(await kindling([flag])).toMatchObject({ code: 0, out: '1.2.3\n' });
  });

  it('colours only where somebody sees it', async () => {
    const plain = await kindling(['plugins', 'adam']);
    // eslint-disable-next-line no-control-regex
    expect(plain.out).not.toMatch(/\u001b/);
    const seen = await kindling(['plugins', 'adam'], { tty: true });
    // eslint-disable-next-line no-control-regex
    expect(seen.out).toMatch(/\u001b\[1m/);
    const refused = await kindling(['plugins', 'adam'], { tty: true, env: { NO_COLOR: '1' } });
    expect(refused.out).toBe(plain.out);
  });
});
