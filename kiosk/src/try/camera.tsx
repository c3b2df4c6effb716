import { useEffect, useRef, useState } from 'preact/hooks';
import { texts } from './messages/texts.ts';

/** Whether this browser lets this page use a camera: only from a secure address (HTTPS, or this machine). */
export const hasCamera = (): boolean => navigator.mediaDevices !== undefined;

/** Preview of this browser's camera until a picture is taken. Then the camera is released. */
export function Camera({ onPicture, onCancel }: { onPicture: (picture: Blob) => void; onCancel: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<'starting' | 'seeing' | string>('starting');
  useEffect(() => {
    let stream: MediaStream | undefined;
    let over = false;
    const start = async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user', width: { ideal: 1280 } } });
        if (over) return letGo(stream);
        video.current!.srcObject = stream;
      } catch (fault) {
        if (!over) setState(whyNot(fault));
      }
    };
    void start();
    return () => {
      over = true;
      letGo(stream);
    };
  }, []);
  const shoot = async () => {
    const picture = await still(video.current!);
    if (picture) onPicture(picture);
  };
  const isSeeing = state === 'seeing';
  return (
    <div class="camera">
      <video
        ref={video}
        class="picture"
        autoplay
        muted
        playsInline
        aria-label={texts.cameraPicture}
        onPlaying={() => setState('seeing')}
      />
      <output class="camera-state">{isSeeing ? '' : state === 'starting' ? texts.cameraStarting : state}</output>
      <div class="row">
        <button type="button" class="button primary" disabled={!isSeeing} onClick={() => void shoot()}>
          {texts.shoot}
        </button>
        <button type="button" class="button" onClick={onCancel}>
          {texts.cancel}
        </button>
      </div>
    </div>
  );
}

function letGo(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function whyNot(fault: unknown): string {
  const name = fault instanceof DOMException ? fault.name : '';
  if (name === 'NotAllowedError') return texts.cameraRefused;
  return name === 'NotFoundError' ? texts.cameraMissing : texts.cameraFailed;
}

function still(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')!.drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92));
}
