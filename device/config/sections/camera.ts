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
        'auto (first USB camera), a number (0), /dev/video0, /dev/v4l/by-id/..., a video file, rtsp:// or http:// URL (a stream, or one picture that is fetched again and again), a folder of images, still:DEVICE (fswebcam stills), or demo (the built-in clip).',
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
        .describe('Frame rate requested from the camera. No source is read faster.'),
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
          'Turns the picture clockwise, for a camera that hangs upside down or stands on its side. Applied after what a phone video or EXIF says.',
        ),
    ),
    flip: live(
      z
        .enum(['none', 'horizontal', 'vertical'])
        .default('none')
        .describe('Mirrors the picture after it was turned: horizontal swaps left and right, vertical top and bottom.'),
    ),
    loop: live(z.boolean().default(true).describe('Start a recording again at its end.')),
    pace: z
      .enum(['source', 'max'])
      .default('source')
      .describe('Play a recording at its own rate, or as fast as possible.'),
    stallMs: z
      .int()
      .min(500)
      .max(60_000)
      .default(5000)
      .meta({ unit: 'milliseconds' })
      .describe(
        'A source that gives no frame for this long counts as lost; also how long a network camera has for its first picture.',
      ),
    rtspTransport: z
      .enum(['auto', 'tcp', 'udp'])
      .default('auto')
      .describe('How an rtsp:// camera sends its pictures; auto: over TCP, and over UDP where it refuses that.'),
  })
  .prefault({});
