import type { DeviceView } from '../../../../device/http/device-view.ts';
import { messages } from '../messages/messages.ts';

type Tone = 'good' | 'working' | 'bad' | 'off';

const cameraTones = { starting: 'working', online: 'good', lost: 'bad', ended: 'off', paused: 'off' } as const;
const mqttTones = { disabled: 'off', connecting: 'working', connected: 'good', offline: 'bad' } as const;

/** What the operator should see to. There is room for one line: what hurts most. */
export function warningOf(device: DeviceView | undefined): string | undefined {
  return device?.state.vision.warning ?? device?.state.governor?.reason;
}

/** The privacy notice, and how the device's parts are. */
export function Status({ device, connected }: { device: DeviceView | undefined; connected: boolean }) {
  // What was last heard of a device that does not answer is no statement about now.
  const state = connected ? device?.state : undefined;
  const camera = state?.camera.state;
  const mqtt = state?.mqtt.state;
  const warning = connected ? warningOf(device) : undefined;
  return (
    <footer class="foot">
      <section aria-label={messages.privacy} class="notice" data-testid="notice">
        <p>{device?.kiosk.notice}</p>
      </section>
      <section aria-label={messages.status} class="status">
        <ul class="pills">
          <Pill
            name="camera-state"
            tone={camera ? cameraTones[camera] : 'off'}
            text={messages.camera[camera ?? 'unknown']}
          />
          <Pill name="mqtt-state" tone={mqtt ? mqttTones[mqtt] : 'off'} text={messages.mqtt[mqtt ?? 'unknown']} />
          {state?.store.state === 'failing' && <Pill name="store-state" tone="bad" text={messages.storeFailing} />}
        </ul>
      </section>
      {warning && (
        <p class="warning" data-testid="warning">
          <Mark tone="bad" />
          {warning}
        </p>
      )}
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
