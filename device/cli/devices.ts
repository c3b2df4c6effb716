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
  for (const format of new Set(modes.map((mode) => mode.format))) {
    lines.push(
      `  ${format}: ${modes
        .filter((mode) => mode.format === format)
        .map(describeMode)
        .join(', ')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function describeMode({ width, height, fps }: CameraMode): string {
  const fastest = Math.max(...fps);
  return `${width}x${height}${fps.length > 0 ? ` @ ${Math.round(fastest)}` : ''}`;
}
