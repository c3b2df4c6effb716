import { z } from '@hono/zod-openapi';

/** An error answer in the form of RFC 9457 (application/problem+json). */
export const problemSchema = z
  .object({
    type: z.string().describe('Always `about:blank`: the title names the kind of problem.'),
    title: z.string().describe('Kind of problem, in a few words.'),
    status: z.int().min(400).max(599).describe('HTTP status of the answer.'),
    detail: z.string().describe('One line: what was expected and what was received.'),
    code: z.string().optional().describe('Stable code that tells problems with the same status apart.'),
    remedy: z.string().optional().describe('What to do, in one line.'),
    errors: z
      .array(
        z.object({
          path: z.string().describe('Parameter, or field of the body: `camera.fps`.'),
          value: z.string().optional().describe('Received value.'),
          expected: z.string().describe('Description of the allowed values.'),
        }),
      )
      .optional()
      .describe('Each invalid value of the request.'),
  })
  .openapi('Problem');

export type ProblemBody = z.output<typeof problemSchema>;
