import { Command } from 'commander';
import { type Camera, type CameraMode, listCameras } from './doctor/cameras.ts';

/** `mien devices` */
export function devicesCommand(): Command {
  return new Command('devices')
    .description('List the cameras, with the path for camera.source.')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const cameras = await listCameras();
      process.stdout.write(options.json ? `${JSON.stringify(cameras, null, 2)}\n` : describeCameras(cameras));
    });
}

/** The list for people. */
export function describeCameras(cameras: readonly Camera[]): string {
  if (cameras.length === 0) {
    return [
      'No camera found.',
      'Plug in a USB camera and try again (dmesg shows whether the system detected it; in a container pass --device /dev/video0).',
      'Without a camera: set camera.source to a video file, an rtsp:// or http:// URL, a folder of images, or demo.',
      '',
    ].join('\n');
  }
  return cameras.map(describeCamera).join('');
}

function describeCamera({ name, path, stablePath, isUsb, isAccessible, modes }: Camera): string {
  const lines = [
    `${name}${isUsb ? '' : '  (virtual, not a USB camera)'}`,
    `  camera.source: ${stablePath ?? path}${stablePath ? `  (now ${path})` : ''}`,
  ];
  if (!isAccessible)
    lines.push('  This user has no permission to open it. Run: sudo usermod -aG video "$USER", and log in again.');
  for (const [sizes, formats] of formatsBySizes(modes)) lines.push(`  ${formats.join(', ')}: ${sizes}`);
  return `${lines.join('\n')}\n`;
}

/** The pixel formats that have the same sizes and rates: a test camera has 92 with one list. */
function formatsBySizes(modes: readonly CameraMode[]): ReadonlyMap<string, readonly string[]> {
  const grouped = new Map<string, string[]>();
  for (const format of new Set(modes.map((mode) => mode.format))) {
    const sizes = modes
      .filter((mode) => mode.format === format)
      .map(describeMode)
      .join(', ');
    grouped.set(sizes, [...(grouped.get(sizes) ?? []), format]);
  }
  return grouped;
}

function describeMode({ width, height, fps }: CameraMode): string {
  const fastest = Math.max(...fps);
  return `${width}x${height}${fps.length > 0 ? ` @ ${Math.round(fastest)}` : ''}`;
}
