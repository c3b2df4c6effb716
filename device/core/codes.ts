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
export type GovernorCode = 'hot' | 'undervoltage' | 'throttled';
export type StoreCode = 'disk-full' | 'store-unwritable' | 'store-damaged' | 'store-newer' | 'store-salvaging';
export type MqttCode = 'broker-unreachable' | 'broker-refused' | 'broker-untrusted';
