import type { Context, Handler } from 'hono';
import type { StateBoard } from '../../core/state.ts';
import type { LiveFrame } from '../../core/types.ts';
import { mjpegBoundary, mjpegOpening, mjpegPart } from '../../sinks/live/frame-message.ts';
import type { Viewer, Viewers } from '../../sinks/live/viewers.ts';
import { problem } from '../answers/json.ts';
import { streamQuery } from '../schemas/live.ts';

/** Pictures show people, so no cache may store one. */
const neverStored = { 'Cache-Control': 'no-store' };
const mjpegHeaders = { 'Content-Type': `multipart/x-mixed-replace; boundary=${mjpegBoundary}`, ...neverStored };

/** GET /stream.mjpeg: annotated frames until the client disconnects. */
export function mjpegStream(viewers: Viewers): Handler {
  return (c) => {
    // The body of a HEAD is never read, so its subscription would never end.
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, mjpegHeaders);
    const { fps } = streamQuery.parse(c.req.query());
    return c.body(readableParts(viewers.open('annotated', fps)), 200, mjpegHeaders);
  };
}

/** The connection pulls: a part is made when the client has taken the one before. */
function readableParts(viewer: Viewer): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(mjpegOpening),
      pull: async (controller) => {
        const frame = await viewer.next();
        if (frame) controller.enqueue(mjpegPart(frame));
        else controller.close();
      },
      cancel: () => viewer.close(),
    },
    { highWaterMark: 0 },
  );
}

/** GET /snapshot.jpg: the next annotated frame. `timeoutMs` limits the wait; its value may change meanwhile. */
export function snapshot(deps: { viewers: Viewers; board: StateBoard; timeoutMs: () => number }): Handler {
  return async (c) => {
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'image/jpeg', ...neverStored });
    const viewer = deps.viewers.open('annotated');
    try {
      const frame = await within(viewer, deps.timeoutMs);
      return frame ? jpegResponse(c, frame) : noPicture(c, deps.board);
    } finally {
      viewer.close();
    }
  };
}

function jpegResponse(c: Context, frame: LiveFrame): Response {
  return c.body(new Uint8Array(frame.jpeg), 200, {
    'Content-Type': 'image/jpeg',
    'X-Frame': String(frame.reading.frame),
    'X-Timestamp': String(frame.reading.ts),
    ...neverStored,
  });
}

async function within(viewer: Viewer, timeoutMs: () => number): Promise<LiveFrame | undefined> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const scheduleEnd = () => {
    const remainingMs = startedAt + timeoutMs() - performance.now();
    if (remainingMs > 0) timer = setTimeout(scheduleEnd, remainingMs);
    else viewer.close();
  };
  scheduleEnd();
  const frame = await viewer.next();
  clearTimeout(timer);
  return frame;
}

function noPicture(c: Context, board: StateBoard): Response {
  const { camera, vision } = board.current;
  // 409 without Retry-After: no picture comes until an operator acts, so a retry does not help.
  const halted = haltedCamera[camera.state];
  if (halted) return problem(c, { status: 409, title: 'No picture', ...halted });
  return problem(c, {
    status: 503,
    title: 'No picture',
    detail: noPictureReason(camera, vision.state),
    headers: { 'Retry-After': '2' },
  });
}

type Camera = StateBoard['current']['camera'];

const haltedCamera: Partial<Record<Camera['state'], { detail: string; remedy: string }>> = {
  paused: { detail: 'An operator has paused the camera', remedy: 'Resume it: POST /api/v1/control/resume' },
  ended: {
    detail: 'The recording has ended',
    remedy: 'Play it again: PATCH /api/v1/settings with {"camera":{"loop":true}}',
  },
};

function noPictureReason(camera: Camera, vision: StateBoard['current']['vision']['state']): string {
  if (camera.state === 'lost') return `The camera is lost: ${camera.reason ?? 'no reason given'}`;
  if (camera.state === 'loading') return camera.reason ?? 'The vision process is loading';
  if (vision === 'restarting') return 'The vision process is restarting';
  if (camera.state === 'starting' || vision === 'starting') return 'The camera is starting';
  return 'The camera is online, but no frame came in time';
}
