import { memoryOf } from '../../core/process-figures.ts';

/** Private memory of process `pid`, in MB (10^6 bytes); undefined where the process has ended. */
export function privateMemoryMb(pid: number): number | undefined {
  const memory = memoryOf(pid);
  return memory && Math.round(memory.privateBytes / 1e6);
}
