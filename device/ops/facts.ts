import type { LiveConfig } from '../config/live.ts';
import { readCard } from '../core/model-card.ts';
import type { CaptureDevice } from '../core/types.ts';
import { privateMemoryMb } from '../vision/supervise/memory.ts';
import type { VisionSupervisor } from '../vision/supervise/supervisor.ts';
import { privacyNotice } from './privacy.ts';

export interface FactsDeps {
  readonly settings: LiveConfig;
  readonly vision: Pick<VisionSupervisor, 'record' | 'paused'>;
  readonly modelsDir: string;
  /** The cameras of this device. */
  readonly listCameras: () => readonly CaptureDevice[];
}

/** Facts about the device that are looked up when somebody asks. */
export function deviceFacts({ settings, vision, modelsDir, listCameras }: FactsDeps) {
  return {
    stages: () => vision.record.stages,
    memoryMb: () => privateMemoryMb(process.pid) ?? 0,
    listCameras,
    modelCard: () => readCard(modelsDir, settings.current.classify.model),
    isPaused: () => vision.paused,
    privacy: () => privacyNotice(settings.current),
  };
}
