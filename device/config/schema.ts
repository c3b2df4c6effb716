import { hostname } from 'node:os';
import { z } from 'zod';
import { sensitivities } from '../core/labels.ts';
import { accessToken, addressOrNetwork, checkExposure, hostName, isPasswordHash, pageOrigin } from './access.ts';

/** Names that become part of an MQTT topic: no wildcard, no level separator. */
const topicLevel = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, - and _ (1 to 64)');

/** Two times of day, from 00:00 to 23:59, that are not the same. */
const nightHours = /^$|^((?:[01]\d|2[0-3]):[0-5]\d)-(?!\1$)(?:[01]\d|2[0-3]):[0-5]\d$/;

/** This machine's host name as a topic level. */
function hostLevel(): string {
  return (
    hostname()
      .replaceAll(/[^A-Za-z0-9_-]/g, '-')
      .slice(0, 64) || 'mien'
  );
}

/**
 * The one source of types, defaults, bounds and documentation of the configuration.
 * Every leaf has a default, a description and an environment variable: `camera.jpegQuality` is `MIEN_CAMERA_JPEG_QUALITY`.
 */
export const configSchema = z.strictObject({
  device: z
    .strictObject({
      name: topicLevel.default(hostLevel()).describe('Name of this device: part of its MQTT topics and of the page.'),
    })
    .prefault({}),
  dataDir: z.string().min(1).default('.mien/data').meta({ isPath: true }).describe('Folder for the database.'),
  modelsDir: z
    .string()
    .min(1)
    .optional()
    .meta({ isPath: true })
    .describe('Folder with models and their cards; default: the one that Mien ships.'),
  camera: z
    .strictObject({
      source: z
        .string()
        .min(1)
        .default('auto')
        .meta({ isPath: true })
        .describe(
          'auto (first USB camera), a number (0), /dev/video0, /dev/v4l/by-id/..., a video file, rtsp:// or http:// URL (a stream, or one picture that is fetched again and again), a folder of images, still:DEVICE (fswebcam stills), or demo (the built-in clip).',
        ),
      width: z.int().min(160).max(3840).default(640).describe('Width asked for, in pixels.'),
      height: z.int().min(120).max(2160).default(480).describe('Height asked for, in pixels.'),
      fps: z
        .number()
        .min(0.1)
        .max(120)
        .default(30)
        .describe('Frames a second asked for; the upper bound for any source.'),
      rotate: z
        .int()
        .min(0)
        .max(270)
        .multipleOf(90)
        .default(0)
        .describe(
          'Turn the picture clockwise by 0, 90, 180 or 270 degrees, for a camera that hangs upside down or stands on its side; after what a phone video or EXIF says of itself.',
        ),
      flip: z
        .enum(['none', 'horizontal', 'vertical'])
        .default('none')
        .describe('Mirror the picture after it was turned: horizontal swaps left and right, vertical top and bottom.'),
      loop: z.boolean().default(true).describe('Start a recording again at its end.'),
      pace: z
        .enum(['source', 'max'])
        .default('source')
        .describe('Play a recording at its own rate, or as fast as possible.'),
      stallMs: z
        .int()
        .min(500)
        .max(60_000)
        .default(5000)
        .describe(
          'A source that gives no frame for this long counts as lost; also how long a network camera has for its first picture.',
        ),
      rtspTransport: z
        .enum(['auto', 'tcp', 'udp'])
        .default('auto')
        .describe('How an rtsp:// camera sends its pictures; auto: over TCP, and over UDP where it refuses that.'),
    })
    .prefault({}),
  detect: z
    .strictObject({
      detector: z
        .enum(['auto', 'yunet', 'blazeface', 'haar'])
        .default('auto')
        .describe(
          'Which detector finds the faces; auto: the first of YuNet, BlazeFace and the Haar cascade that is there. models/README.md says what each was trained on and what its licence allows.',
        ),
      minScore: z
        .number()
        .min(0.1)
        .max(0.99)
        .default(0.7)
        .describe(
          'Least score of a new face (YuNet and BlazeFace, on the same scale); weaker ones only carry on a face that is already followed.',
        ),
      minFace: z
        .int()
        .min(10)
        .max(400)
        .default(12)
        .describe('Least height of a face, in pixels of the frame; what is found depends on detect.inputWidth too.'),
      inputWidth: z
        .int()
        .min(0)
        .max(1280)
        .multipleOf(32)
        .default(0)
        .describe(
          'Width at which YuNet looks at the frame, where it finds faces of 14 pixels and more; 0: 320 for frames up to 640 wide, six tenths of wider ones, 1152 at most. BlazeFace looks at four fifths of that width and finds the same faces. Half the width takes a quarter of the time.',
        ),
      threads: z
        .int()
        .min(0)
        .max(16)
        .default(0)
        .describe('Threads of one look for faces (YuNet and BlazeFace); 0: as for classify.threads.'),
      adaptive: z
        .boolean()
        .default(true)
        .describe(
          'Look for faces, and at each, in fewer frames while nothing changes in front of a camera; false: in every frame, as mien analyze and camera.pace max do.',
        ),
    })
    .prefault({}),
  classify: z
    .strictObject({
      model: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]*$/, 'the name of a model card')
        .default('residual-cnn')
        .describe('Model card to use.'),
      precision: z.enum(['auto', 'fp32', 'int8']).default('auto').describe('auto: whichever is faster on this board.'),
      threads: z
        .int()
        .min(0)
        .max(16)
        .default(0)
        .describe(
          'Threads of one look at the faces; 0: two where that takes long on this board and gains much, else one.',
        ),
      uncertain: z
        .boolean()
        .default(true)
        .describe(
          'Call a face uncertain that the model cannot tell, where its card has limits for that; false: always name the most probable expression.',
        ),
      sensitivity: z
        .enum(sensitivities)
        .default('balanced')
        .describe(
          'How readily a face is called something else than neutral. calm: an expression is named only where it is clear, for places where most people only pass by. balanced: a calm face is seldom called angry or sad, and a posed expression is seen. expressive: faint expressions are named too, and calm faces are misnamed more often. Has an effect with models whose card has operating points.',
        ),
      mirror: z
        .boolean()
        .default(true)
        .describe('Show the model every other frame of a face mirrored: over time as good as looking at each twice.'),
    })
    .prefault({}),
  track: z
    .strictObject({
      smoothingMs: z.int().min(0).max(5000).default(350).describe('Time constant of the smoothing of expressions.'),
      lostMs: z.int().min(100).max(10_000).default(1000).describe('A track not seen for this long has ended.'),
    })
    .prefault({}),
  vision: z
    .strictObject({
      memoryLimitMb: z
        .int()
        .min(200)
        .max(16_000)
        .default(400)
        .describe('Memory that the vision process may have for itself, in MB; beyond it, it is started again.'),
    })
    .prefault({}),
  governor: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('Look at fewer frames a second while the board is too hot or slows itself down.'),
      hotC: z
        .number()
        .min(40)
        .max(110)
        .default(78)
        .describe('Temperature of the processor, in degrees Celsius, from which on it does less.'),
      coolByC: z
        .number()
        .min(1)
        .max(40)
        .default(8)
        .describe('It does more again when it is cooler than hotC by this many degrees.'),
      stepDownMs: z
        .int()
        .min(1000)
        .max(600_000)
        .default(15_000)
        .describe('Least time between two steps down: 66, 50 and 33 % of camera.fps.'),
      stepUpMs: z
        .int()
        .min(1000)
        .max(3_600_000)
        .default(60_000)
        .describe('How long all must have been well before a step up.'),
    })
    .prefault({}),
  visits: z
    .strictObject({
      gapMs: z
        .int()
        .min(200)
        .max(60_000)
        .default(2000)
        .describe('A visit ends when its person was not seen for this long.'),
      minDwellMs: z.int().min(0).max(60_000).default(500).describe('Shorter stays are not logged as visits.'),
    })
    .prefault({}),
  store: z
    .strictObject({
      sampleMs: z.int().min(200).max(60_000).default(1000).describe('Log one row per face each time this has passed.'),
      retentionDays: z.int().min(1).max(3650).default(30).describe('Rows older than this are deleted.'),
    })
    .prefault({}),
  mqtt: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Publish over MQTT.'),
      url: z
        .url({ protocol: /^(mqtt|mqtts|ws|wss)$/, error: 'a URL that starts with mqtt://, mqtts://, ws:// or wss://' })
        .default('mqtt://127.0.0.1:1883')
        .describe('Address of the broker.'),
      username: z.string().optional().describe('User name at the broker.'),
      password: z
        .string()
        .optional()
        .meta({ secret: true })
        .describe('Password at the broker. Best set in the environment.'),
      baseTopic: z
        .string()
        .regex(/^[^#+/\s][^#+\s]*$/, 'a topic without #, + or white space')
        .default('mien')
        .describe('First level(s) of all topics: <baseTopic>/<device.name>/...'),
      readingMs: z.int().min(100).max(60_000).default(500).describe('Publish live readings at most this often.'),
    })
    .prefault({}),
  http: z
    .strictObject({
      host: z
        .string()
        .regex(/^[A-Za-z0-9_.:-]{1,255}$/, 'an address or name of this device, such as 127.0.0.1 or 0.0.0.0')
        .default('127.0.0.1')
        .describe(
          'Address to listen on. 127.0.0.1: this device only; 0.0.0.0 (or :: for IPv6 too): the network, which needs http.passwordHash or a token.',
        ),
      port: z.int().min(0).max(65_535).default(8080).describe('Port of the kiosk page; 0 takes any free one.'),
      jpegQuality: z
        .int()
        .min(30)
        .max(95)
        .default(75)
        .describe(
          'JPEG quality of the live picture; of cameras that deliver JPEG themselves the page gets the original.',
        ),
      streamFps: z.number().min(1).max(60).default(30).describe('Most frames a second that are encoded for viewers.'),
      allowedHosts: z
        .array(hostName)
        .default([])
        .describe(
          'Names beyond its host name and address by which others reach this device (mien.example.org), comma-separated or as a list.',
        ),
      basePath: z
        .string()
        .regex(/^((\/[A-Za-z0-9._~-]+)+)?$/, 'a path such as /mien, without a slash at its end')
        .default('')
        .describe('Path below which a proxy shows this device (/mien); the proxy may take it off or leave it on.'),
      trustedProxies: z
        .array(addressOrNetwork)
        .default([])
        .describe(
          'Addresses of proxies that set X-Forwarded-For (also -Proto and -Host) in every request and let nobody else set it: callers behind them are told apart.',
        ),
      loopbackLogin: z
        .enum(['auto', 'always', 'never'])
        .default('auto')
        .describe(
          'Whether a program or screen on this device must log in to look. auto: not until a request shows that a proxy on this device passes others on; never: only for a device without a proxy.',
        ),
      frameAncestors: z
        .array(pageOrigin)
        .default([])
        .describe('Origins whose pages may show the pages of this device in a frame.'),
      allowedOrigins: z
        .array(pageOrigin)
        .default([])
        .describe('Origins whose pages may use the API from a browser (CORS), with a token.'),
      passwordHash: z
        .string()
        .refine(isPasswordHash, 'a hash made by "mien access password"')
        .optional()
        .meta({ secret: true })
        .describe('Password of the operator, as the hash that "mien access password" makes of it.'),
      token: accessToken.describe('Token for programs, as operator: Authorization: Bearer TOKEN.'),
      viewerToken: accessToken.describe('Token for programs and remote screens that only look.'),
      sessionHours: z
        .int()
        .min(1)
        .max(720)
        .default(12)
        .describe('A login ends after this many hours without a request, and after 30 days in any case.'),
      tls: z
        .strictObject({
          cert: z
            .string()
            .min(1)
            .optional()
            .meta({ isPath: true })
            .describe('Certificate (PEM file, with its chain) for HTTPS.'),
          key: z
            .string()
            .min(1)
            .optional()
            .meta({ isPath: true })
            .describe('Private key of the certificate (PEM file).'),
        })
        .prefault({}),
    })
    .superRefine(checkExposure)
    .prefault({}),
  kiosk: z
    .strictObject({
      title: z.string().max(60).default('Mien').describe('Heading of the kiosk page.'),
      notice: z
        .string()
        .max(300)
        .default('')
        .describe('Privacy notice on the kiosk page; empty: that of Mien, in the language of the page.'),
      privacyUrl: z
        .url({ protocol: /^https?$/, error: 'a URL that starts with http:// or https://' })
        .optional()
        .describe(
          'Address of the privacy page for phones, shown as a QR code; default: the one of this device where it listens to the network.',
        ),
      language: z
        .enum(['auto', 'en', 'de', 'fr', 'es', 'ur'])
        .default('auto')
        .describe("Language of the pages; auto: the browser's own where it is one of these, else English."),
      theme: z
        .enum(['auto', 'dark', 'light', 'contrast'])
        .default('dark')
        .describe('Colours of the pages; contrast: black, white and thick lines; auto: what the browser prefers.'),
      textScale: z
        .number()
        .min(0.8)
        .max(2)
        .default(1)
        .describe(
          'Size of the letters on the kiosk page: 1 for people who stand two screen widths away, 2 for twice that; what then finds no room is left out.',
        ),
      pixelShift: z
        .boolean()
        .default(true)
        .describe(
          'Move the kiosk page by a few pixels every few minutes, so that nothing burns into the screen; not where the system asks for reduced motion.',
        ),
      dimAfterMinutes: z
        .int()
        .min(0)
        .max(1440)
        .default(30)
        .describe('Dim the kiosk page after so many minutes without anybody in front of it; 0: never.'),
      night: z
        .string()
        .regex(nightHours, 'HH:MM-HH:MM with two different times, such as 22:00-06:00, or nothing')
        .default('')
        .describe(
          'Hours of the night, by the clock of the screen, such as 22:00-06:00: the kiosk page is dimmed as soon as nobody is there; empty: no night.',
        ),
      nightBrightness: z
        .number()
        .min(0.05)
        .max(1)
        .default(0.3)
        .describe(
          'Brightness of the dimmed kiosk page, as a share of its own; somebody in front of it gets all of it.',
        ),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('Least severity that is logged.'),
      format: z
        .enum(['auto', 'json', 'text'])
        .default('auto')
        .describe('auto: text on a terminal, JSON lines elsewhere.'),
    })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;
/** What a file, the environment or flags may say: any part of it. */
export type ConfigInput = z.input<typeof configSchema>;
