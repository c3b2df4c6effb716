import { median } from '../statistics.ts';
import type { Pass } from './contest.ts';

/** Result of one contestant for one clip. */
export interface Standing {
  readonly contestant: string;
  readonly frames: number;
  /** Figures of the median pass. */
  readonly framesPerSecond: number;
  readonly cpuMsPerFrame: number;
  /** Mean number of detected faces per frame. */
  readonly faces: number;
}

export interface Player {
  readonly name: string;
  play(clip: string): Promise<Pass>;
}

/**
 * Each contestant plays the clip once per round, in turns, so that other load affects all alike. A first pass warms up and
 * does not count.
 */
export async function takeTurns(players: readonly Player[], clip: string, rounds: number): Promise<Standing[]> {
  const passes = new Map<string, Pass[]>(players.map(({ name }) => [name, []]));
  for (const player of players) await player.play(clip);
  for (let round = 0; round < rounds; round++) {
    for (const player of players) passes.get(player.name)!.push(await player.play(clip));
  }
  return players.map(({ name }) => standingOf(name, passes.get(name)!));
}

function standingOf(contestant: string, passes: readonly Pass[]): Standing {
  const { frames, faces } = passes[0]!;
  return {
    contestant,
    frames,
    framesPerSecond: frames / median(passes.map(({ seconds }) => seconds)),
    cpuMsPerFrame: (1000 * median(passes.map(({ cpuSeconds }) => cpuSeconds))) / frames,
    faces: faces / frames,
  };
}

/** The rate over all clips as one: sum of frames by sum of seconds. */
export function overall(standings: readonly Standing[]): Standing {
  const total = (value: (standing: Standing) => number) => standings.reduce((sum, each) => sum + value(each), 0);
  const frames = total((each) => each.frames);
  return {
    contestant: standings[0]!.contestant,
    frames,
    framesPerSecond: frames / total((each) => each.frames / each.framesPerSecond),
    cpuMsPerFrame: total((each) => each.cpuMsPerFrame * each.frames) / frames,
    faces: total((each) => each.faces * each.frames) / frames,
  };
}
