import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoClip } from '../../../camera/source-spec.ts';
import { packageRoot } from '../../../core/paths.ts';
import { type ClipFile, clipsIn } from '../clips.ts';
import type { Report } from '../report.ts';
import type { Row } from '../table.ts';
import type { Target } from '../targets.ts';
import { Contestant } from './contestant.ts';
import { installHuman, installStudent } from './install.ts';
import { overall, type Standing, takeTurns } from './turns.ts';

const studentProgram = join(packageRoot, 'device', 'lab', 'bench', 'peers', 'student.py');

export interface PeerOptions {
  readonly modelsDir: string;
  /** Folder of recordings, beside the demo clip. */
  readonly clips: string | undefined;
  readonly rounds: number;
}

const names = {
  mien: 'Mien',
  mienEvery: 'Mien, every frame',
  student: 'student project (Haar + the same CNN)',
  human: '@vladmandic/human',
  humanEvery: '@vladmandic/human, every frame',
} as const;

/**
 * `npm run bench -- peers`: frames a second on the same clips, decoding included, in turns. Each as it comes, which of Mien and of
 * human means that they spare work where nothing changes; and both with every frame looked at, as the student project does.
 */
export async function benchPeers({ modelsDir, clips, rounds }: PeerOptions, report: Report): Promise<void> {
  const contestants = await invite(modelsDir, report);
  const byClip: { clip: string; standings: Standing[] }[] = [];
  try {
    for (const { name, file } of [
      { name: 'demo clip', file: demoClip },
      ...(clips ? clipsIn(clips) : []),
    ] as ClipFile[]) {
      const standings = await takeTurns(contestants, file, rounds);
      byClip.push({ clip: name, standings });
      report.table(`${name}, ${standings[0]!.frames} frames`, rowsOf(standings));
    }
  } finally {
    for (const contestant of contestants) await contestant.stop();
  }
  const all = contestants.map((_, index) => overall(byClip.map(({ standings }) => standings[index]!)));
  if (byClip.length > 1) report.table('All clips', rowsOf(all));
  report.targets([
    ...targetsOf('demo clip', byClip[0]!.standings),
    ...(byClip.length > 1 ? targetsOf('all clips', all) : []),
  ]);
  report.json('peers', { rounds, clips: byClip, all });
}

/** Mien, and who could be installed. */
async function invite(modelsDir: string, report: Report): Promise<Contestant[]> {
  const programOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const mien = [process.execPath, programOf('./mien.js'), modelsDir] as const;
  const contestants = [new Contestant(names.mien, mien), new Contestant(names.mienEvery, [...mien, '--every'])];
  const say = (line: string) => report.say(line);
  const student = await installStudent(say);
  if ('missing' in student) report.say(`${names.student}: ${student.missing}`);
  else {
    const python = join(student.folder, 'venv', 'bin', 'python');
    const model = join(modelsDir, 'simple-cnn.fp32.onnx');
    contestants.push(new Contestant(names.student, [python, studentProgram, model]));
  }
  const human = await installHuman(say);
  if ('missing' in human) report.say(`${names.human}: ${human.missing}`);
  else {
    const program = [process.execPath, programOf('./human.js'), human.folder] as const;
    contestants.push(new Contestant(names.human, program));
    contestants.push(new Contestant(names.humanEvery, [...program, '--every']));
  }
  return contestants;
}

function rowsOf(standings: readonly Standing[]): Row[] {
  return standings.map((standing) => ({
    program: standing.contestant,
    'frames/s': standing.framesPerSecond,
    'Mien is faster by': standings[0]!.framesPerSecond / standing.framesPerSecond,
    'with every frame by': standings[1]!.framesPerSecond / standing.framesPerSecond,
    'CPU ms/frame': standing.cpuMsPerFrame,
    // Of a machine that does other work too, this says more than the rate.
    'Mien takes less CPU by': standing.cpuMsPerFrame / standings[0]!.cpuMsPerFrame,
    'faces/frame': standing.faces,
  }));
}

function targetsOf(clip: string, standings: readonly Standing[]): Target[] {
  const rateOf = (name: string) => standings.find(({ contestant }) => contestant === name)?.framesPerSecond;
  const against = (name: string, least: number): Target[] => {
    const rate = rateOf(name);
    if (rate === undefined) return [];
    return [{ what: `${clip}: Mien / ${name}`, measured: rateOf(names.mien)! / rate, limit: { least } }];
  };
  return [...against(names.student, 5), ...against(names.human, 8)];
}
