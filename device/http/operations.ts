import type { ModelCard } from '../classify/card.ts';
import type { Face } from '../core/types.ts';

export type UploadOutcome =
  | {
      readonly result: {
        readonly width: number;
        readonly height: number;
        readonly faces: readonly Omit<Face, 'track' | 'landmarks'>[];
        readonly ms: number;
      };
    }
  | {
      readonly refusal: {
        /** `type`, `size` and `damaged` are about the picture; `slow` too; the others about the device. */
        readonly kind: 'type' | 'size' | 'damaged' | 'slow' | 'busy' | 'unavailable';
        readonly detail: string;
        readonly remedy?: string;
      };
    };

/** What the pages can ask of the other parts of the daemon, and make them do. The composition root connects it. */
export interface Operations {
  /** Finds faces in a picture that was handed in; never rejects. */
  readonly classify: (bytes: Buffer) => Promise<UploadOutcome>;
  readonly isPaused: () => boolean;
  readonly pause: (paused: boolean) => void;
  readonly restartVision: () => void;
  /** Milliseconds a frame per stage of the vision process. */
  readonly stages: () => Readonly<Record<string, { readonly p50: number; readonly p95: number }>>;
  /** Memory that the daemon has for itself, in MB. */
  readonly memoryMb: () => number;
  readonly listCameras: () => readonly {
    readonly path: string;
    readonly stablePath: string | undefined;
    readonly name: string;
    readonly isUsb: boolean;
  }[];
  /** @throws MienError when there is no card */
  readonly modelCard: () => ModelCard;
  readonly privacy: () => {
    readonly purpose: string;
    readonly items: readonly {
      readonly code: string;
      readonly text: string;
      readonly params?: Readonly<Record<string, string | number>>;
    }[];
  };
  /** The newest lines of at least this severity, oldest first. */
  readonly logs: (query: { level: 'debug' | 'info' | 'warn' | 'error'; limit: number }) => readonly {
    readonly time: string;
    readonly level: string;
    readonly msg: string;
    readonly fields?: Readonly<Record<string, unknown>>;
  }[];
  /** Where each value that is not a default came from. */
  readonly sources: ReadonlyMap<string, string>;
  readonly configFile: string | undefined;
  /** A zip of these parts and of what else helps to find a fault. */
  readonly supportBundle: (parts: Readonly<Record<string, unknown>>) => Promise<Uint8Array<ArrayBuffer>>;
}
