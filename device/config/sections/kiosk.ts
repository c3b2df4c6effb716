import { z } from 'zod';
import { live } from '../live-field.ts';

/** Two times of day, from 00:00 to 23:59, that are not the same. */
const nightHours = /^$|^((?:[01]\d|2[0-3]):[0-5]\d)-(?!\1$)(?:[01]\d|2[0-3]):[0-5]\d$/;

export const kiosk = z
  .strictObject({
    title: live(z.string().max(60).default('Mien').describe('Heading of the kiosk page.')),
    notice: live(
      z
        .string()
        .max(300)
        .default('')
        .describe('Privacy notice on the kiosk page; empty: that of Mien, in the language of the page.'),
    ),
    privacyUrl: z
      .url({ protocol: /^https?$/, error: 'a URL that starts with http:// or https://' })
      .optional()
      .describe(
        'Address of the privacy page for phones, shown as a QR code; default: the one of this device where it listens to the network.',
      ),
    language: live(
      z
        .enum(['auto', 'en', 'de', 'fr', 'es', 'ur'])
        .default('auto')
        .describe("Language of the pages; auto: the browser's own where it is one of these, else English."),
    ),
    theme: live(
      z
        .enum(['auto', 'dark', 'light', 'contrast'])
        .default('dark')
        .describe('Colours of the pages. contrast: black, white and thick lines. auto: what the browser prefers.'),
    ),
    textScale: live(
      z
        .number()
        .min(0.8)
        .max(2)
        .default(1)
        .describe(
          '1: readable from two screen widths away. 2: from twice that distance. What finds no room is left out.',
        ),
    ),
    pixelShift: live(
      z
        .boolean()
        .default(true)
        .describe(
          'Move the kiosk page by a few pixels every few minutes, so that nothing burns into the screen; not where the system asks for reduced motion.',
        ),
    ),
    dimAfterMinutes: live(
      z
        .int()
        .min(0)
        .max(1440)
        .default(30)
        .meta({ unit: 'minutes' })
        .describe('Dims the kiosk page after this time without anybody in front of it. 0: never.'),
    ),
    night: live(
      z
        .string()
        .regex(nightHours, 'HH:MM-HH:MM with two different times, such as 22:00-06:00, or nothing')
        .default('')
        .describe(
          'Hours of the night, by the clock of the screen, such as 22:00-06:00: the kiosk page is dimmed as soon as nobody is there; empty: no night.',
        ),
    ),
    nightBrightness: live(
      z
        .number()
        .min(0.05)
        .max(1)
        .default(0.3)
        .describe(
          'Brightness of the dimmed kiosk page, as a share of its own; somebody in front of it gets all of it.',
        ),
    ),
  })
  .prefault({});
