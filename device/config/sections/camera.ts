import { z } from 'zod';
import { live } from '../live-field.ts';

export const camera = z
  .strictObject({
    source: z
      .string()
      .min(1)
      .default('auto')
      .meta({ isPath: true })
      .describe(
        'auto (first USB camera), a number (0), /dev/video0, /dev/v4l/by-id/..., a video file, an rtsp:// or http:// URL (a stream, or a single picture that is polled), a folder of images, still:DEVICE (fswebcam stills), or demo (the built-in clip).',
      ),
    width: live(
      z.int().min(160).max(3840).default(640).meta({ unit: 'pixels' }).describe('Width requested from the camera.'),
    ),
    height: live(
      z.int().min(120).max(2160).default(480).meta({ unit: 'pixels' }).describe('Height requested from the camera.'),
    ),
    fps: live(
      z
        .number()
        .min(0.1)
        .max(120)
        .default(30)
        .meta({ unit: 'framesPerSecond' })
        .describe('Frame rate requested from the camera, and the maximum for every source.'),
    ),
    rotate: live(
      z
        .int()
        .min(0)
        .max(270)
        .multipleOf(90)
        .default(0)
        .meta({ unit: 'degrees' })
        .describe(
          'Rotates the picture clockwise, for a camera mounted upside down or on its side. Applied after the rotation that a video or EXIF data ask for.',
        ),
    ),
    flip: live(
      z
        .enum(['none', 'horizontal', 'vertical'])
        .default('none')
        .describe(
          'Mirrors the picture after its rotation. horizontal swaps left and right, vertical swaps top and bottom.',
        ),
    ),
    loop: live(z.boolean().default(true).describe('Restarts a recording at its end.')),
    pace: z
      .enum(['source', 'max'])
      .default('source')
      .describe('source: plays a recording at its own rate. max: as fast as possible.'),
    stallMs: z
      .int()
      .min(500)
      .max(60_000)
      .default(5000)
      .meta({ unit: 'milliseconds' })
      .describe(
        'Time without a frame after which the source counts as lost. Also the time limit for the first picture of a network camera.',
      ),
    rtspTransport: z
      .enum(['auto', 'tcp', 'udp'])
      .default('auto')
      .describe('Transport of an rtsp:// camera. auto: TCP, and UDP if the camera refuses TCP.'),
  })
  .prefault({});
