import { z } from '@hono/zod-openapi';

/** An answer that is not the one that was asked for, in the form of RFC 9457 (application/problem+json). */
export const problemSchema = z
  .object({
    type: z.string().describe('about:blank: the title says what kind of problem it is.'),
    title: z.string().describe('The kind of problem, in a few words.'),
    status: z.int().min(400).max(599).describe('The HTTP status again.'),
    detail: z.string().describe('One line: what was expected, and what came.'),
    code: z.string().optional().describe('What exactly it is, where one status stands for several problems; stable.'),
    remedy: z.string().optional().describe('What to do about it.'),
    errors: z
      .array(
        z.object({
          path: z.string().describe('The parameter, or the field of the body: `camera.fps`.'),
          value: z.string().optional().describe('What came.'),
          expected: z.string(),
        }),
      )
      .optional()
      .describe('Each thing that is wrong with the request.'),
  })
  .openapi('Problem');

export type ProblemBody = z.output<typeof problemSchema>;
