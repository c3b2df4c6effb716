import type { DeviceView } from '../../../../device/contract/state.ts';
import { messages } from '../messages/messages.ts';
import { byCode } from './by-code.ts';
import { loginOf, privacyUrlOf } from './privacy-url.ts';
import { QrCode } from './qr.tsx';

interface Warning {
  readonly name: 'vision' | 'hot' | 'broker' | 'store';
  readonly text: string;
}

/** The most important fault, in words for visitors and staff. There is room for one. */
function warningOf(device: DeviceView | undefined): Warning | undefined {
  if (!device) return undefined;
  const { vision, governor, store, mqtt } = device.state;
  if (store.state === 'failing') return { name: 'store', text: byCode(messages.store, store.code) };
  if (vision.warning !== undefined) return { name: 'vision', text: byCode(messages.vision, visionCodeOf(vision)) };
  if (governor?.state === 'reduced') return { name: 'hot', text: byCode(messages.governor, governor.code) };
  if (mqtt.state === 'offline') return { name: 'broker', text: byCode(messages.mqtt, mqtt.code) };
  return undefined;
}

/** A device without its usual detector reports which one it uses. */
function visionCodeOf({ state, code, detector }: DeviceView['state']['vision']): string | undefined {
  return code ?? (state === 'running' && detector === 'haar' ? 'detector-fallback' : undefined);
}

export interface StatusProps {
  readonly device: DeviceView | undefined;
  readonly claimCode: string | undefined;
  readonly connected: boolean;
  /** The picture already shows the fault. */
  readonly explained: boolean;
}

/** The privacy notice with its QR code, and a warning if there is a fault that does not stop the page. */
export function Status({ device, claimCode, connected, explained }: StatusProps) {
  // The last state of a device that does not answer is outdated.
  const warning = connected && !explained ? warningOf(device) : undefined;
  const address = device?.kiosk.address;
  const claim =
    claimCode !== undefined && address !== undefined
      ? messages.claim(loginOf(address, location), claimCode)
      : undefined;
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
      {claim !== undefined && (
        <section aria-label={messages.status} class="status">
          <p class="claim" data-testid="claim">
            {claim}
          </p>
        </section>
      )}
      {claim === undefined && warning && (
        <section aria-label={messages.status} class="status">
          <p class="warning" data-testid="warning" data-name={warning.name}>
            <svg class="mark" viewBox="0 0 12 12" aria-hidden="true">
              <path d="M6 .8l5.6 10H.4z" />
            </svg>
            <span>{warning.text}</span>
          </p>
        </section>
      )}
    </footer>
  );
}
