import { z } from 'zod';
import { accessToken, addressOrNetwork, checkExposure, hostName, isPasswordHash, pageOrigin } from '../access.ts';
import { live } from '../live-field.ts';

export const http = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,255}$/, 'an address or name of this device, such as 127.0.0.1 or 0.0.0.0')
      .default('127.0.0.1')
      .describe(
        'Address to listen on. 127.0.0.1: this device only; 0.0.0.0 (or :: for IPv6 too): the network, which needs http.passwordHash or a token.',
      ),
    port: z.int().min(0).max(65_535).default(8080).describe('Port of the kiosk page; 0 takes any free one.'),
    jpegQuality: live(
      z
        .int()
        .min(30)
        .max(95)
        .default(75)
        .describe(
          'JPEG quality of the live picture. Pictures of a camera that delivers JPEG are passed on as they are.',
        ),
    ),
    streamFps: live(
      z
        .number()
        .min(1)
        .max(60)
        .default(30)
        .meta({ unit: 'framesPerSecond' })
        .describe('Maximum frames per second that are encoded for viewers.'),
    ),
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
        key: z.string().min(1).optional().meta({ isPath: true }).describe('Private key of the certificate (PEM file).'),
      })
      .prefault({}),
  })
  .superRefine(checkExposure)
  .prefault({});
