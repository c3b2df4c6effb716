import { useEffect, useRef } from 'preact/hooks';
import { drawOverlay } from '../kiosk/live/overlay.ts';
import type { Found } from './classify.ts';
import { texts } from './messages/texts.ts';

/** Maximum side of the drawn picture: no screen shows more, and it would only need memory. */
const maxPixels = 2560;

/** The picture, with the found faces drawn over it. */
export function Picture({ bitmap, found }: { bitmap: ImageBitmap; found: Found | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    const draw = () => drawPicture(element, bitmap, found);
    draw();
    // The boxes have the colours of the theme.
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => theme.disconnect();
  }, [bitmap, found]);
  return (
    <canvas
      class="picture"
      ref={canvas}
      role="img"
      aria-label={found ? texts.pictureWith(found.faces.length) : texts.picture}
      data-testid="picture"
    />
  );
}

function drawPicture(element: HTMLCanvasElement, bitmap: ImageBitmap, found: Found | undefined): void {
  const scale = Math.min(1, maxPixels / Math.max(bitmap.width, bitmap.height));
  element.width = Math.round(bitmap.width * scale);
  element.height = Math.round(bitmap.height * scale);
  const context = element.getContext('2d')!;
  context.drawImage(bitmap, 0, 0, element.width, element.height);
  if (!found) return;
  const faces = found.faces.map((face, at) => ({ ...face, track: at + 1 }));
  drawOverlay(context, { width: found.width, faces });
}
