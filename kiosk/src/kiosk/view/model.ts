import type { DeviceView } from '../../../../device/contract/state.ts';
import type { Face, Reading } from '../../../../device/core/types.ts';
import { type Condition, judge } from '../live/condition.ts';
import { areaOf, bySize } from '../live/overlay.ts';

/** Content of the page beside the picture and the charts. */
export interface View {
  readonly condition: Condition;
  readonly device: DeviceView | undefined;
  /** Faces in the newest picture, from left to right. */
  readonly faces: readonly Face[];
  /** The largest face, which is taken for the nearest person. */
  readonly nearest: Face | undefined;
  /** Nobody has been in view for a while, so the page shows its invitation. */
  readonly inviting: boolean;
  /** Width divided by height of the picture. */
  readonly ratio: number;
  /** The code with which the first operator sets the password; undefined once somebody has. */
  readonly claimCode: string | undefined;
}

/** Time that a face stays on the page without a detection. */
const holdMs = 600;
/** Time without a face before the invitation. A person who returns earlier finds the page unchanged. */
export const inviteAfterMs = 8000;
/** Factor by which another face must be larger to become the nearest. */
const overtake = 1.25;

/** Derives the view from connection, state and drawn frames. Times are monotonic. */
export class KioskModel {
  readonly #now: () => number;
  #device: DeviceView | undefined;
  #connected = false;
  #drawnAt: number | undefined;
  #faces: readonly Face[] = [];
  #facesAt = Number.NEGATIVE_INFINITY;
  #ratio = 4 / 3;
  #nearestTrack: number | undefined;
  #claimCode: string | undefined;
  #changes = 0;
  #last: { view: View; key: string } | undefined;

  constructor(options: { now: () => number }) {
    this.#now = options.now;
  }

  connected(connected: boolean): void {
    this.#connected = connected;
    this.#changes += 1;
  }

  updateClaim(code: string | undefined): void {
    this.#claimCode = code;
    this.#changes += 1;
  }

  updateDevice(device: DeviceView): void {
    this.#device = device;
    this.#changes += 1;
    // The shape for the first picture; later ones bring their own.
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

  /** Returns the same object until something changes. */
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

  /** The largest face. Between faces of similar size it stays the same, so that the headline does not jump. */
  #nearest(faces: readonly Face[]): Face | undefined {
    const largest = bySize(faces).at(-1);
    const before = faces.find((face) => face.track === this.#nearestTrack);
    const nearest = before && largest && areaOf(largest) < areaOf(before) * overtake ? before : largest;
    this.#nearestTrack = nearest?.track;
    return nearest;
  }

  #look(condition: Condition, inviting: boolean): View {
    // A reading belongs to its picture: an old picture has no faces.
    const faces = condition.kind === 'live' ? this.#faces : [];
    return {
      condition,
      device: this.#device,
      faces: [...faces].sort((a, b) => a.box.x + a.box.width / 2 - (b.box.x + b.box.width / 2)),
      nearest: this.#nearest(faces),
      inviting,
      ratio: this.#ratio,
      claimCode: this.#claimCode,
    };
  }
}
