import type { DeviceView } from '../../../../device/contract/state.ts';

/** Address of the privacy page for phones; undefined if no phone could open it. */
export function privacyUrlOf(
  { privacyUrl, address }: Pick<DeviceView['kiosk'], 'privacyUrl' | 'address'>,
  { protocol, port }: Pick<Location, 'protocol' | 'port'>,
): string | undefined {
  if (privacyUrl !== undefined) return privacyUrl;
  if (address === undefined) return undefined;
  return `${protocol}//${hostOf(address, port)}/privacy`;
}

/** The login page, as short as people need to type it. */
export function loginOf(address: string, { protocol, port }: Pick<Location, 'protocol' | 'port'>): string {
  return `${protocol === 'https:' ? 'https://' : ''}${hostOf(address, port)}/login`;
}

function hostOf(address: string, port: string): string {
  return `${address.includes(':') ? `[${address}]` : address}${port === '' ? '' : `:${port}`}`;
}
