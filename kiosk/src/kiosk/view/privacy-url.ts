import type { DeviceView } from '../../../../device/contract/state.ts';

/** Address of the privacy page for phones; undefined if no phone could open it. */
export function privacyUrlOf(
  { privacyUrl, address }: Pick<DeviceView['kiosk'], 'privacyUrl' | 'address'>,
  { protocol, port }: Pick<Location, 'protocol' | 'port'>,
): string | undefined {
  if (privacyUrl !== undefined) return privacyUrl;
  if (address === undefined) return undefined;
  const host = address.includes(':') ? `[${address}]` : address;
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}/privacy`;
}
