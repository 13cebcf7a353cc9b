import { type Cut, cutProgram, SHARING, type Sharing } from './cutProgram.js';
import type { Memory } from './memory.js';
import { type Lent, Pool, type Program } from './pool.js';
import type { Call } from './recording.js';

/** What a recording asks to run its calls. */
export interface SharedCalls {
  /** Runs them together with workers; or returns false, and one thread had better run them alone. */
  run(calls: readonly Call[], changed: boolean, scratch: number): boolean;
  free(): void;
}

/** The threads of a device. Pages that cannot have any never load this module. */
export class Team {
  // made for the first program that is worth it: most of what is short never needs one
  private pool: Pool | undefined;
  private closed = false;

  constructor(
    private readonly memory: Memory,
    readonly most: number,
    private readonly lent: Lent,
    private readonly sharing: Sharing = SHARING,
  ) {}

  /** Workers that are there, and nanoseconds that they have done, estimated. */
  get present(): number {
    return this.pool?.present ?? 0;
  }
  get helped(): number {
    return this.pool?.helped ?? 0;
  }

  /** For the calls of one recording. */
  share(): SharedCalls {
    let cut: Cut | undefined;
    let program: Program | undefined;
    let pool: Pool | undefined;
    const free = () => {
      if (program) this.memory.free(program.block);
      program = undefined;
    };
    return {
      run: (calls, changed, scratch) => {
        if (changed) {
          free();
          cut = this.closed ? undefined : cutProgram(calls, this.most, this.sharing);
        }
        if (cut && (!program || pool !== this.pool)) {
          free();
          pool = this.roomyPool();
          program = pool.program(cut);
        }
        return program !== undefined && pool!.run(program, scratch);
      },
      free,
    };
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    this.closed = true;
    await this.pool?.close();
  }

  private roomyPool(): Pool {
    if (this.pool?.isFull) {
      void this.pool.close();
      this.pool = undefined;
    }
    return (this.pool ??= new Pool(this.memory, this.most, this.sharing, this.lent));
  }
}
