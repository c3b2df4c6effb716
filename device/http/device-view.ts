import type { Config } from '../config/schema.ts';
import { roundedNumbers } from '../core/decimals.ts';
import { maskAll, maskUrls } from '../core/mask.ts';
import type { DeviceState } from '../core/state.ts';
import type { LiveCounts } from '../sinks/live/viewers.ts';
import type { Screen } from './schemas/device.ts';

/** What the device tells everybody who asks: GET /api/v1/state, and the text messages on the live WebSocket. */
export interface DeviceView {
  readonly version: string;
  readonly bootId: string;
  /** Since the daemon started; from the monotonic clock. */
  readonly uptimeSeconds: number;
  readonly device: { readonly name: string };
  readonly kiosk: Config['kiosk'] & {
    /** Under which a phone near the device reaches it; absent where it listens to itself only. */
    readonly address?: string;
  };
  /** Class labels in the order of the model card; empty until the vision process has loaded it. */
  readonly labels: readonly string[];
  /** A row of the log stands for a face over this time, in ms. */
  readonly sampleMs: number;
  readonly state: DeviceState;
  readonly live: LiveCounts;
  /** An operator has paused the camera. */
  readonly paused: boolean;
  /** The last sign of life of a kiosk page. */
  readonly screen?: Screen;
}

/** Text message on the live WebSocket: at connect, at each change, and now and then as a sign of life. */
export interface StateMessage extends DeviceView {
  readonly type: 'state';
}

/** A value as outsiders see it: without the passwords that addresses of cameras and brokers often carry, and rounded. */
export function forOutside<T>(value: T): T {
  return roundedNumbers(maskAll(value, maskUrls));
}
