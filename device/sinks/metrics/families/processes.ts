import type { Family, Value } from '../family.ts';
import type { ProcessFigures } from '../processes.ts';

/** Resources of the daemon's processes. */
export const processFamilies: readonly Family[] = [
  {
    type: 'gauge',
    name: 'mien_process_resident_bytes',
    help: 'Memory of each process in RAM, also what it shares with others; absent while it does not run.',
    labels: ['process'],
    read: perProcess(({ memory }) => memory?.residentBytes),
  },
  {
    type: 'gauge',
    name: 'mien_process_private_bytes',
    help: 'Memory that no other process can use, in RAM or swapped out; absent while the process does not run.',
    labels: ['process'],
    read: perProcess(({ memory }) => memory?.privateBytes),
  },
  {
    type: 'counter',
    name: 'mien_process_cpu_seconds_total',
    help: 'CPU time of each process and its successors, user and system.',
    labels: ['process'],
    read: perProcess(({ cpuSeconds }) => cpuSeconds),
  },
  {
    type: 'counter',
    name: 'mien_process_written_bytes_total',
    help: 'Bytes that each process and its successors have written to the disk (/proc/PID/io, write_bytes).',
    labels: ['process'],
    read: perProcess(({ writtenBytes }) => writtenBytes),
  },
  {
    type: 'histogram',
    name: 'mien_event_loop_lag_seconds',
    help: 'Time for which the event loop of the daemon was held, sampled twice per second.',
    read: ({ eventLoopLag }) => [{ counts: eventLoopLag }],
  },
];

function perProcess(figure: (figures: ProcessFigures) => number | undefined) {
  return ({ processes }: { readonly processes: readonly ProcessFigures[] }): readonly Value[] =>
    processes.map((each) => ({ labels: { process: each.process }, value: figure(each) }));
}
