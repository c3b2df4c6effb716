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
  dataDir: z
    .string()
    .min(1)
    .default('.mien/data')
    .meta({ isPath: true })
    .describe('Folder of the database, of what is set on /admin and of other files of the daemon.'),
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
      width: z
        .int()
        .min(160)
        .max(3840)
        .default(640)
        .meta({ unit: 'pixels' })
        .describe('Width requested from the camera.'),
      height: z
        .int()
        .min(120)
        .max(2160)
        .default(480)
        .meta({ unit: 'pixels' })
        .describe('Height requested from the camera.'),
      fps: z
        .number()
        .min(0.1)
        .max(120)
        .default(30)
        .meta({ unit: 'framesPerSecond' })
        .describe('Frame rate requested from the camera. No source is read faster.'),
      rotate: z
        .int()
        .min(0)
        .max(270)
        .multipleOf(90)
        .default(0)
        .meta({ unit: 'degrees' })
        .describe(
          'Turns the picture clockwise, for a camera that hangs upside down or stands on its side. Applied after what a phone video or EXIF says.',
        ),
      flip: z
        .enum(['none', 'horizontal', 'vertical'])
        .default('none')
        .describe('Mirrors the picture after it was turned: horizontal swaps left and right, vertical top and bottom.'),
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
        .meta({ unit: 'milliseconds' })
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
          'Score from which a new face counts (YuNet and BlazeFace, on the same scale). A weaker detection only continues a face that is already tracked.',
        ),
      minFace: z
        .int()
        .min(10)
        .max(400)
        .default(12)
        .meta({ unit: 'pixels' })
        .describe(
          'Smaller faces in the frame are ignored. How small a face can be found also depends on detect.inputWidth.',
        ),
      inputWidth: z
        .int()
        .min(0)
        .max(1280)
        .multipleOf(32)
        .default(0)
        .meta({ unit: 'pixels' })
        .describe(
          'Width to which the frame is scaled for detection; YuNet then finds faces of 14 pixels and more. 0: automatic (320 for frames up to 640 wide, else 60 % of the width, at most 1152). BlazeFace uses 80 % of it and finds the same faces. Half the width takes a quarter of the time.',
        ),
      threads: z
        .int()
        .min(0)
        .max(16)
        .default(0)
        .describe('Threads of a detection (YuNet and BlazeFace). 0: as for classify.threads.'),
      adaptive: z
        .boolean()
        .default(true)
        .describe(
          'Detects and classifies in fewer frames while nothing changes in front of a camera. false: in every frame, as mien analyze and camera.pace max do.',
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
        .describe('Threads of a classification. 0: two where it takes long on this board and gains much, else one.'),
      uncertain: z
        .boolean()
        .default(true)
        .describe(
          'A face that the model cannot tell stays without an expression, where its card has limits for that. false: it always gets the most probable one.',
        ),
      sensitivity: z
        .enum(sensitivities)
        .default('balanced')
        .describe(
          'calm: only clear expressions get a label, for places where most people pass by. balanced: a calm face is rarely called angry or sad, and a posed expression is seen. expressive: slight expressions get a label too, with more mistakes. Has an effect with models whose card has operating points.',
        ),
      mirror: z
        .boolean()
        .default(true)
        .describe(
          'The model sees every other frame of a face mirrored. On average this is as good as classifying each frame twice.',
        ),
    })
    .prefault({}),
  track: z
    .strictObject({
      smoothingMs: z
        .int()
        .min(0)
        .max(5000)
        .default(350)
        .meta({ unit: 'milliseconds' })
        .describe('Time constant of the smoothing of expressions. Longer: a steadier label that follows later.'),
      lostMs: z
        .int()
        .min(100)
        .max(10_000)
        .default(1000)
        .meta({ unit: 'milliseconds' })
        .describe('A face that is not detected for this long is not tracked any more.'),
    })
    .prefault({}),
  vision: z
    .strictObject({
      memoryLimitMb: z
        .int()
        .min(200)
        .max(16_000)
        .default(400)
        .meta({ unit: 'megabytes' })
        .describe('The vision process is restarted when it needs more memory of its own.'),
    })
    .prefault({}),
  governor: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('Analyses fewer frames while the board is too hot or slows itself down.'),
      hotC: z
        .number()
        .min(40)
        .max(110)
        .default(78)
        .meta({ unit: 'celsius' })
        .describe('Temperature of the processor from which the frame rate falls.'),
      coolByC: z
        .number()
        .min(1)
        .max(40)
        .default(8)
        .meta({ unit: 'celsius' })
        .describe('The frame rate rises again when the processor is this much cooler than governor.hotC.'),
      stepDownMs: z
        .int()
        .min(1000)
        .max(600_000)
        .default(15_000)
        .meta({ unit: 'milliseconds' })
        .describe('Minimum time between two steps down (66, 50 and 33 % of camera.fps).'),
      stepUpMs: z
        .int()
        .min(1000)
        .max(3_600_000)
        .default(60_000)
        .meta({ unit: 'milliseconds' })
        .describe('Time without heat or throttling before the frame rate rises by one step.'),
    })
    .prefault({}),
  visits: z
    .strictObject({
      gapMs: z
        .int()
        .min(200)
        .max(60_000)
        .default(2000)
        .meta({ unit: 'milliseconds' })
        .describe('A visit ends when its person has not been seen for this long.'),
      minDwellMs: z
        .int()
        .min(0)
        .max(60_000)
        .default(500)
        .meta({ unit: 'milliseconds' })
        .describe('Shorter visits are not logged.'),
    })
    .prefault({}),
  store: z
    .strictObject({
      sampleMs: z
        .int()
        .min(200)
        .max(60_000)
        .default(1000)
        .meta({ unit: 'milliseconds' })
        .describe('Interval between two logged rows of a face.'),
      retentionDays: z
        .int()
        .min(1)
        .max(3650)
        .default(30)
        .meta({ unit: 'days' })
        .describe('Rows older than this are deleted.'),
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
      readingMs: z
        .int()
        .min(100)
        .max(60_000)
        .default(500)
        .meta({ unit: 'milliseconds' })
        .describe('Minimum interval between two live readings.'),
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
          'JPEG quality of the live picture. Pictures of a camera that delivers JPEG are passed on as they are.',
        ),
      streamFps: z
        .number()
        .min(1)
        .max(60)
        .default(30)
        .meta({ unit: 'framesPerSecond' })
        .describe('Maximum frames per second that are encoded for viewers.'),
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
        .meta({ unit: 'hours' })
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
        .describe('Colours of the pages. contrast: black, white and thick lines. auto: what the browser prefers.'),
      textScale: z
        .number()
        .min(0.8)
        .max(2)
        .default(1)
        .describe(
          '1: readable from two screen widths away. 2: from twice that distance. What finds no room is left out.',
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
        .meta({ unit: 'minutes' })
        .describe('Dims the kiosk page after this time without anybody in front of it. 0: never.'),
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
        .describe('What is less severe is not logged.'),
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
