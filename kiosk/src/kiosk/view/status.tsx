import type { DeviceView } from '../../../../device/http/device-view.ts';
import { formatCelsius } from '../../language/format.ts';
import { messages } from '../messages/messages.ts';
import { privacyUrlOf } from './privacy-url.ts';
import { QrCode } from './qr.tsx';
import { Reason } from './reason.tsx';

type Tone = 'good' | 'working' | 'bad' | 'off';

const cameraTones = { starting: 'working', online: 'good', lost: 'bad', ended: 'off', paused: 'off' } as const;
const mqttTones = { disabled: 'off', connecting: 'working', connected: 'good', offline: 'bad' } as const;

interface Warning {
  readonly name: 'vision' | 'hot' | 'broker' | 'store';
  readonly text: string | undefined;
  /** The device's own words, where there are none in the page's language. */
  readonly reason?: string | undefined;
}

/** What the operator should see to. There is room for one: what hurts most. */
export function warningOf(device: DeviceView | undefined): Warning | undefined {
  if (!device) return undefined;
  const { vision, governor, store, mqtt } = device.state;
  if (store.state === 'failing') return { name: 'store', text: messages.storeFailing, reason: store.reason };
  if (vision.warning) {
    const isFallback = vision.state === 'running' && vision.detector === 'haar';
    return { name: 'vision', text: isFallback ? messages.simpleDetector : undefined, reason: vision.warning };
  }
  if (governor?.state === 'reduced') return { name: 'hot', text: slowedText(governor) };
  if (mqtt.state === 'offline') return { name: 'broker', text: messages.brokerOffline };
  return undefined;
}

function slowedText({ temperatureC, throttled }: NonNullable<DeviceView['state']['governor']>): string {
  if (throttled?.some((cause) => cause.includes('voltage'))) return messages.shortOfPower;
  return temperatureC === undefined ? messages.slowed : messages.hot(formatCelsius(temperatureC));
}

export interface StatusProps {
  readonly device: DeviceView | undefined;
  readonly connected: boolean;
  /** What it would warn of stands on the picture already. */
  readonly explained: boolean;
}

/** The privacy notice with its code for phones, and how the device's parts are. */
export function Status({ device, connected, explained }: StatusProps) {
  // What was last heard of a device that does not answer is no statement about now.
  const state = connected ? device?.state : undefined;
  const camera = state?.camera.state;
  const mqtt = state?.mqtt.state;
  const warning = connected && !explained ? warningOf(device) : undefined;
  const privacyUrl = device && privacyUrlOf(device.kiosk, location);
  return (
    <footer class="foot">
      <section aria-label={messages.privacy} class="notice">
        {privacyUrl && <QrCode text={privacyUrl} label={`${messages.privacyScan} (${privacyUrl})`} />}
        <div class="notice-text">
          <p data-testid="notice">{device?.kiosk.notice || messages.notice}</p>
          {privacyUrl && <p class="notice-scan">{messages.privacyScan}</p>}
        </div>
      </section>
      <section aria-label={messages.status} class="status">
        <ul class="pills">
          <Pill
            name="camera-state"
            tone={camera ? cameraTones[camera] : 'off'}
            text={messages.camera[camera ?? 'unknown']}
          />
          <Pill name="mqtt-state" tone={mqtt ? mqttTones[mqtt] : 'off'} text={messages.mqtt[mqtt ?? 'unknown']} />
        </ul>
        {warning && (
          <p class="warning" data-testid="warning" data-name={warning.name}>
            <Mark tone="bad" />
            <span>
              {warning.text} {warning.reason && <Reason text={warning.reason} />}
            </span>
          </p>
        )}
      </section>
    </footer>
  );
}

function Pill({ name, tone, text }: { name: string; tone: Tone; text: string }) {
  return (
    <li class="pill" data-testid={name} data-tone={tone}>
      <Mark tone={tone} />
      {text}
    </li>
  );
}

/** A shape per tone, so that nothing hangs on the colour: dot, ring, triangle, dash. */
function Mark({ tone }: { tone: Tone }) {
  return (
    <svg class={`mark mark-${tone}`} viewBox="0 0 12 12" aria-hidden="true">
      {tone === 'good' && <circle cx="6" cy="6" r="4.4" />}
      {tone === 'working' && <circle cx="6" cy="6" r="3.8" class="mark-line" />}
      {tone === 'bad' && <path d="M6 .8l5.6 10H.4z" />}
      {tone === 'off' && <path d="M1.5 6h9" class="mark-line" />}
    </svg>
  );
}
