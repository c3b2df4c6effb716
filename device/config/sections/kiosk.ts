import { z } from 'zod';
import { live } from '../live-field.ts';

/** Empty, or two different times of day, from 00:00 to 23:59. */
const nightHours = /^$|^((?:[01]\d|2[0-3]):[0-5]\d)-(?!\1$)(?:[01]\d|2[0-3]):[0-5]\d$/;

export const kiosk = z
  .strictObject({
    title: live(z.string().max(60).default('Mien').describe('Heading of the kiosk page.')),
    notice: live(
      z
        .string()
        .max(300)
        .default('')
        .describe("Privacy notice on the kiosk page. Empty: Mien's own notice, in the language of the page."),
    ),
    privacyUrl: z
      .url({ protocol: /^https?$/, error: 'a URL that starts with http:// or https://' })
      .optional()
      .describe(
        'Address of the privacy page for phones, shown as a QR code. Default: the page of this device, if it listens on the network.',
      ),
    language: live(
      z
        .enum(['auto', 'en', 'de', 'fr', 'es', 'ur'])
        .default('auto')
        .describe('Language of the pages. auto: the language of the browser if it is one of these, otherwise English.'),
    ),
    theme: live(
      z
        .enum(['auto', 'dark', 'light', 'contrast'])
        .default('dark')
        .describe('Colours of the pages. contrast: black, white and thick lines. auto: the preference of the browser.'),
    ),
    textScale: live(
      z
        .number()
        .min(0.8)
        .max(2)
        .default(1)
        .describe(
          'Text size. 1: readable from a distance of two screen widths. 2: from twice that distance. Elements that do not fit are left out.',
        ),
    ),
    pixelShift: live(
      z
        .boolean()
        .default(true)
        .describe(
          'Moves the kiosk page by a few pixels every few minutes, which prevents burn-in. Off where the system asks for reduced motion.',
        ),
    ),
    dimAfterMinutes: live(
      z
        .int()
        .min(0)
        .max(1440)
        .default(30)
        .meta({ unit: 'minutes' })
        .describe('Time without a person in front of the screen after which the kiosk page is dimmed. 0: never.'),
    ),
    night: live(
      z
        .string()
        .regex(nightHours, 'HH:MM-HH:MM with two different times, such as 22:00-06:00, or nothing')
        .default('')
        .describe(
          'Night hours by the clock of the screen, such as 22:00-06:00. In these hours the kiosk page is dimmed as soon as nobody is in front of it. Empty: no night.',
        ),
    ),
    nightBrightness: live(
      z
        .number()
        .min(0.05)
        .max(1)
        .default(0.3)
        .describe(
          'Brightness of the dimmed kiosk page, as a share of full brightness. It is full while a person is in front of the screen.',
        ),
    ),
    offAfterMinutes: live(
      z
        .int()
        .min(0)
        .max(1440)
        .default(0)
        .meta({ unit: 'minutes' })
        .describe(
          'Time without a person in front of the screen after which it is switched off: the kiosk page turns black, and `mien kiosk` switches off the backlight of a panel that has one. Only while the camera works. 0: never.',
        ),
    ),
    offAtNight: live(
      z
        .boolean()
        .default(false)
        .describe('Switches the screen off in night hours instead of dimming it, as soon as nobody is in front of it.'),
    ),
  })
  .prefault({});
