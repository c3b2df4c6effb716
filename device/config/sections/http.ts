import { z } from 'zod';
import {
  accessToken,
  addressOrNetwork,
  checkExposure,
  claimCodeForm,
  hostName,
  isPasswordHash,
  pageOrigin,
} from '../access.ts';
import { live } from '../live-field.ts';

export const http = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,255}$/, 'an address or name of this device, such as 127.0.0.1 or 0.0.0.0')
      .default('127.0.0.1')
      .describe(
        'Address to listen on. 127.0.0.1: this device only. 0.0.0.0 (or :: for IPv6 as well): the network; needs http.passwordHash, a token or http.claimCode.',
      ),
    port: z.int().min(0).max(65_535).default(8080).describe('Port of the pages and the API. 0: any free port.'),
    jpegQuality: live(
      z
        .int()
        .min(30)
        .max(95)
        .default(75)
        .describe(
          'JPEG quality of the live picture. The pictures of a camera that delivers JPEG are passed on unchanged.',
        ),
    ),
    streamFps: live(
      z
        .number()
        .min(1)
        .max(60)
        .default(30)
        .meta({ unit: 'framesPerSecond' })
        .describe('Maximum frame rate of the live picture.'),
    ),
    allowedHosts: z
      .array(hostName)
      .default([])
      .describe(
        'Further names under which others reach this device (mien.example.org), beside its host name and addresses. Comma-separated or as a list.',
      ),
    basePath: z
      .string()
      .regex(/^((\/[A-Za-z0-9._~-]+)+)?$/, 'a path such as /mien, without a slash at its end')
      .default('')
      .describe(
        'Path under which a proxy serves this device (/mien). The proxy may remove it from a request or keep it.',
      ),
    trustedProxies: z
      .array(addressOrNetwork)
      .default([])
      .describe(
        'Addresses of proxies. Such a proxy must set X-Forwarded-For (and -Proto and -Host) in every request and drop the values that clients send. Mien then sees the address of each client.',
      ),
    loopbackLogin: z
      .enum(['auto', 'always', 'never'])
      .default('auto')
      .describe(
        'Whether programs and screens on this device must log in as viewers. auto: no, until a request shows that a proxy on this device forwards others. never: no; only for a device without a proxy. always: yes.',
      ),
    frameAncestors: z
      .array(pageOrigin)
      .default([])
      .describe('Origins whose pages may embed the pages of this device in a frame.'),
    allowedOrigins: z
      .array(pageOrigin)
      .default([])
      .describe('Origins whose pages may use the API from a browser (CORS). They need a token.'),
    passwordHash: z
      .string()
      .refine(isPasswordHash, 'a hash made by "mien access password"')
      .optional()
      .meta({ secret: true })
      .describe('Hash of the operator password. Make it with "mien access password".'),
    claimCode: z
      .string()
      .regex(claimCodeForm, 'a code such as K7PX-4MQT, as made by "mien provision"')
      .optional()
      .meta({ secret: true })
      .describe(
        'One-time code with which the first operator sets the password on /login. The screen of the device shows it until then. It has no effect with http.passwordHash.',
      ),
    token: accessToken.describe('Token for programs with operator rights: Authorization: Bearer TOKEN.'),
    viewerToken: accessToken.describe('Token for programs and remote screens with viewer rights.'),
    sessionHours: z
      .int()
      .min(1)
      .max(720)
      .default(12)
      .meta({ unit: 'hours' })
      .describe('Hours without a request after which a login ends. Every login ends after 30 days.'),
    tls: z
      .strictObject({
        cert: z
          .string()
          .min(1)
          .optional()
          .meta({ isPath: true })
          .describe('Certificate for HTTPS (PEM file, with its chain).'),
        key: z.string().min(1).optional().meta({ isPath: true }).describe('Private key of the certificate (PEM file).'),
      })
      .prefault({}),
  })
  .superRefine(checkExposure)
  .prefault({});
