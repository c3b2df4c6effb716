import type { Face, Reading } from '../../../../device/core/types.ts';
import { colourKeyOf } from '../../expression/expressions.ts';
import { plateOf, probabilityOf } from '../../expression/reasons.ts';
import { formatShare, isolated } from '../../language/format.ts';
import { inkOn } from '../../theme/palette.ts';
import { currentPalette } from '../../theme/theme.ts';

/** Number of faces from which plates have names only, because they would cover each other. The cards have the figures. */
const maxFigures = 4;

/**
 * Draws a box and a label per face onto a canvas that the reading's picture fills. In the colours of
 * the theme, so that a face has the same colour on the whole page.
 */
export function drawOverlay(context: CanvasRenderingContext2D, reading: Pick<Reading, 'width' | 'faces'>): void {
  const { width, height } = context.canvas;
  const scale = width / reading.width;
  const unit = Math.min(width, height) / 100;
  // Labels over all boxes, and the largest face last, so that nothing covers the label of the nearest person.
  const faces = bySize(reading.faces);
  for (const face of faces) drawBox(context, face, scale, unit);
  const withFigure = faces.length <= maxFigures;
  for (const face of faces) drawLabel(context, labelOf(face, withFigure), face, scale, unit);
}

/** Smallest first. */
export function bySize(faces: readonly Face[]): Face[] {
  return [...faces].sort((a, b) => areaOf(a) - areaOf(b));
}

export function areaOf({ box }: Face): number {
  return box.width * box.height;
}

function drawBox(context: CanvasRenderingContext2D, face: Face, scale: number, unit: number): void {
  const x = face.box.x * scale;
  const y = face.box.y * scale;
  const width = face.box.width * scale;
  const height = face.box.height * scale;
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(unit * 2.4, width / 4));
  context.lineWidth = unit * 1.5;
  const colour = colourIn(face);
  // A halo of the other lightness, so that the box stands out from any picture.
  context.strokeStyle = `${inkOn(colour)}8c`;
  context.stroke();
  context.lineWidth = unit * 0.8;
  context.strokeStyle = colour;
  context.stroke();
}

function colourIn({ label }: Face): string {
  return currentPalette()[colourKeyOf(label)];
}

function labelOf(face: Face, withFigure: boolean): string {
  const probability = withFigure ? probabilityOf(face) : undefined;
  return probability === undefined ? plateOf(face) : `${plateOf(face)}  ${isolated(formatShare(probability))}`;
}

/** Above the face, or below where there is no room; never outside the picture. */
function drawLabel(context: CanvasRenderingContext2D, text: string, face: Face, scale: number, unit: number): void {
  const size = unit * 5.6;
  const plateHeight = size * 1.5;
  context.font = `700 ${size}px Roboto, "Noto Naskh Arabic", sans-serif`;
  const plateWidth = context.measureText(text).width + size * 1.1;
  const x = clamp(
    (face.box.x + face.box.width / 2) * scale - plateWidth / 2,
    unit,
    context.canvas.width - plateWidth - unit,
  );
  const above = face.box.y * scale - plateHeight - unit;
  const y =
    above >= unit
      ? above
      : clamp((face.box.y + face.box.height) * scale + unit, unit, context.canvas.height - plateHeight - unit);
  context.beginPath();
  context.roundRect(x, y, plateWidth, plateHeight, plateHeight / 2);
  const colour = colourIn(face);
  context.fillStyle = colour;
  context.fill();
  context.fillStyle = inkOn(colour);
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  context.fillText(text, x + plateWidth / 2, y + plateHeight / 2 + size * 0.04);
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value));
}
