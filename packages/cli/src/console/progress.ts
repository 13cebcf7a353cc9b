import type { Terminal } from './terminal.js';

export interface Progress {
  /** `detail` is what a line says beside the count. */
  update(done: number, detail: string): void;
  /** Removes the bar; what was achieved is said by the caller. */
  stop(): void;
}

/** A bar on a terminal, now and then a plain line elsewhere. `unit` is what is counted: 'epochs', or '%' of 100. */
export async function progress(terminal: Terminal, total: number, unit: string): Promise<Progress> {
  if (!terminal.interactive) return lines(terminal, total, unit);
  const { SingleBar, Presets } = await import('cli-progress');
  const bar = new SingleBar(
    {
      format: unit === '%' ? '  {bar} {value} %  {detail}' : `  {bar} {value}/{total} ${unit}  {detail}`,
      stream: terminal.stderr as NodeJS.WriteStream,
      hideCursor: true,
      clearOnComplete: true,
      barsize: 24,
      fps: 12,
    },
    Presets.shades_grey,
  );
  bar.start(total, 0, { detail: '' });
  return {
    update: (done, detail) => bar.update(Math.min(done, total), { detail }),
    stop: () => bar.stop(),
  };
}

const QUIET_MS = 5000;

function lines(terminal: Terminal, total: number, unit: string): Progress {
  const every = Math.max(1, Math.ceil(total / 10));
  let [next, said] = [1, performance.now()];
  return {
    update(done, detail) {
      const now = performance.now();
      if (done < next && done < total && now - said < QUIET_MS) return;
      said = now;
      next = (Math.floor(done / every) + 1) * every;
      terminal.note(unit === '%' ? `  ${done} %  ${detail}` : `  ${unit} ${done}/${total}  ${detail}`);
    },
    stop: () => {},
  };
}
