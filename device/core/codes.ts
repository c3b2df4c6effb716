/** Stable codes of faults, beside their texts. Pages translate them, and programs act on them. */
export type CameraCode = 'camera-missing' | 'camera-busy' | 'camera-stalled' | 'camera-unreadable';
export type VisionCode =
  | 'model-missing'
  | 'model-invalid'
  | 'detector-fallback'
  | 'vision-crashed'
  | 'vision-silent'
  | 'vision-memory'
  | 'vision-restart-asked';
/** Causes that slow a Raspberry Pi down, in the words of its firmware; the index is the bit of `vcgencmd get_throttled`. */
export const throttleCauses = ['under-voltage', 'frequency capped', 'throttled', 'temperature limit'] as const;
export type ThrottleCause = (typeof throttleCauses)[number];
export type GovernorCode = 'hot' | 'undervoltage' | 'throttled';
export type StoreCode = 'disk-full' | 'store-unwritable' | 'store-damaged' | 'store-newer' | 'store-salvaging';
export type MqttCode = 'broker-unreachable' | 'broker-refused' | 'broker-untrusted';
