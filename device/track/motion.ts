import type { Box } from '../core/types.ts';
import { type AxisModel, type AxisState, correctAxis, predictAxis, startAxis } from './kalman.ts';

/**
 * Position and motion of a face: its centre in pixels, and the logarithm of its height, so that approaching and leaving
 * are equally steady changes. All deviations are in heights of the face, so they are the same for near and far faces.
 */
export interface Motion {
  readonly x: AxisState;
  readonly y: AxisState;
  readonly logHeight: AxisState;
}

/**
 * Standard deviation of a detected centre: measured 0.001 to 0.013 on faces of 60 to 100 px, up to 0.025 on those of 20
 * px.
 */
const centreNoise = 0.03;
/** Standard deviation of the logarithm of a detected height: measured 0.003 to 0.036. */
const heightNoise = 0.04;

/**
 * Heads of people walking past were measured at up to 3 heights a second, a quick entry at 5. The time constant is
 * short because people in front of a screen stop and turn.
 */
const translation = { memory: 0.7, speed: 4 } as const;
/** A person who approaches the camera from 2 m grows by 0.7 a second; measured up to 0.6. */
const growth: AxisModel = { memory: 0.7, speed: 0.7 };

/**
 * Motion outside of the model that must not lose a face: a jolt of the camera, a nod, a box that includes the hand.
 * Deviation of the centre in heights. For a face observed one frame ago it gives `logLikelihoodRatio` a reach of about
 * 0.8 heights: enough for a face that no longer overlaps its last box.
 */
const unmodelledMotion = 0.25;
const unmodelledGrowth = 0.15;
/** Upper limit of the deviation: a face that was hidden for long may be anywhere, but mostly reappears close by. */
const maxDeviation = 1.5;
const maxHeightDeviation = 0.35;

export function startMotion(box: Box): Motion {
  const { x, y, height } = centreOf(box);
  const variance = (centreNoise * height) ** 2;
  return {
    x: startAxis(x, variance, translationModel(height)),
    y: startAxis(y, variance, translationModel(height)),
    logHeight: startAxis(Math.log(height), heightNoise ** 2, growth),
  };
}

export function predictMotion(motion: Motion, seconds: number): Motion {
  const model = translationModel(heightOf(motion));
  return {
    x: predictAxis(motion.x, model, seconds),
    y: predictAxis(motion.y, model, seconds),
    logHeight: predictAxis(motion.logHeight, growth, seconds),
  };
}

export function correctMotion(motion: Motion, box: Box): Motion {
  const { x, y, height } = centreOf(box);
  const variance = (centreNoise * heightOf(motion)) ** 2;
  return {
    x: correctAxis(motion.x, x, variance),
    y: correctAxis(motion.y, y, variance),
    logHeight: correctAxis(motion.logHeight, Math.log(height), heightNoise ** 2),
  };
}

/** Difference between a detection and the prediction, in heights of the face and as a logarithm of its height. */
export interface Innovation {
  readonly centre: number;
  readonly height: number;
}

export function innovationOf(motion: Motion, box: Box): Innovation {
  const seen = centreOf(box);
  return {
    centre: Math.hypot(seen.x - motion.x.position, seen.y - motion.y.position) / heightOf(motion),
    height: Math.abs(Math.log(seen.height) - motion.logHeight.position),
  };
}

/**
 * How much more likely the box is this face than a new one: the logarithm of the likelihood ratio (Reid 1979), 0 where
 * both are equally likely. Distance is weighted by uncertainty: for a near box, a face observed one frame ago is more
 * likely than one hidden for a second.
 *
 * @param newFaceDensity expected number of other boxes per square of the face's height
 */
export function logLikelihoodRatio(motion: Motion, box: Box, newFaceDensity: number): number {
  const height = heightOf(motion);
  const seen = centreOf(box);
  const deviation = ({ pp }: AxisState) =>
    Math.min(maxDeviation, Math.hypot(Math.sqrt(pp) / height, centreNoise, unmodelledMotion));
  const dx = deviation(motion.x);
  const dy = deviation(motion.y);
  const dh = Math.min(maxHeightDeviation, Math.hypot(Math.sqrt(motion.logHeight.pp), heightNoise, unmodelledGrowth));
  const squares =
    ((seen.x - motion.x.position) / height / dx) ** 2 +
    ((seen.y - motion.y.position) / height / dy) ** 2 +
    ((Math.log(seen.height) - motion.logHeight.position) / dh) ** 2;
  return -Math.log(2 * Math.PI * dx * dy * newFaceDensity) - squares / 2;
}

function translationModel(height: number): AxisModel {
  return { memory: translation.memory, speed: translation.speed * height };
}

/** In pixels. */
function heightOf({ logHeight }: Motion): number {
  return Math.exp(logHeight.position);
}

function centreOf({ x, y, width, height }: Box): { x: number; y: number; height: number } {
  return { x: x + width / 2, y: y + height / 2, height };
}
