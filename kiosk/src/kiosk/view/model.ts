import type { DeviceView } from '../../../../device/contract/state.ts';
import type { Face, Reading } from '../../../../device/core/types.ts';
import { type Condition, judge } from '../live/condition.ts';
import { areaOf, bySize } from '../live/overlay.ts';

/** All that the page shows beside the picture and the charts. */
export interface View {
  readonly condition: Condition;
  readonly device: DeviceView | undefined;
  /** Faces in the newest picture, from left to right. */
  readonly faces: readonly Face[];
  /** The largest face: whoever stands nearest. */
  readonly nearest: Face | undefined;
  /** Nobody has been there for a while, so that whoever passes is invited. */
  readonly inviting: boolean;
  /** Width through height of the picture. */
  readonly ratio: number;
}

/** A face that is missed in a frame or two has not gone. */
const holdMs = 600;
/** Whoever leaves and comes back in between finds the page as it was. */
export const inviteAfterMs = 8000;
/** Somebody else is nearest when their face is this much larger. */
const overtake = 1.25;

/** Gathers what is heard and drawn, and says what to show. Times are monotonic. */
export class KioskModel {
  readonly #now: () => number;
  #device: DeviceView | undefined;
  #connected = false;
  #drawnAt: number | undefined;
  #faces: readonly Face[] = [];
  #facesAt = Number.NEGATIVE_INFINITY;
  #ratio = 4 / 3;
  #nearestTrack: number | undefined;
  #changes = 0;
  #last: { view: View; key: string } | undefined;

  constructor(options: { now: () => number }) {
    this.#now = options.now;
  }

  connected(connected: boolean): void {
    this.#connected = connected;
    this.#changes += 1;
  }

  heard(device: DeviceView): void {
    this.#device = device;
    this.#changes += 1;
    // The frame for a picture to come; a picture that has come knows its own.
    const { width, height } = device.state.camera;
    if (this.#drawnAt === undefined && width && height) this.#ratio = width / height;
  }

  drawn(reading: Reading): void {
    const now = this.#now();
    this.#drawnAt = now;
    this.#ratio = reading.width / reading.height;
    this.#changes += 1;
    if (reading.faces.length === 0 && now - this.#facesAt < holdMs) return;
    this.#faces = reading.faces;
    if (reading.faces.length > 0) this.#facesAt = now;
  }

  /** The same object as long as nothing has changed. */
  view(): View {
    const now = this.#now();
    const condition = judge({
      connected: this.#connected,
      state: this.#device?.state,
      drawnAt: this.#drawnAt,
      now,
    });
    const inviting = condition.kind === 'live' && now - this.#facesAt >= inviteAfterMs;
    const key = `${this.#changes} ${inviting} ${JSON.stringify(condition)}`;
    if (this.#last?.key !== key) this.#last = { key, view: this.#look(condition, inviting) };
    return this.#last.view;
  }

  /** The largest face. Of people who stand side by side the one who was it stays it, or the headline would jump. */
  #nearest(faces: readonly Face[]): Face | undefined {
    const largest = bySize(faces).at(-1);
    const before = faces.find((face) => face.track === this.#nearestTrack);
    const nearest = before && largest && areaOf(largest) < areaOf(before) * overtake ? before : largest;
    this.#nearestTrack = nearest?.track;
    return nearest;
  }

  #look(condition: Condition, inviting: boolean): View {
    // A reading belongs to its picture: once that is old, nobody is said to look like anything.
    const faces = condition.kind === 'live' ? this.#faces : [];
    return {
      condition,
      device: this.#device,
      faces: [...faces].sort((a, b) => a.box.x + a.box.width / 2 - (b.box.x + b.box.width / 2)),
      nearest: this.#nearest(faces),
      inviting,
      ratio: this.#ratio,
    };
  }
}
