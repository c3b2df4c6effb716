import { useEffect, useState } from 'preact/hooks';
import { hasCamera } from './camera.tsx';
import { accepted } from './classify.ts';
import { texts } from './messages/texts.ts';

/** The ways to give a picture that have a place of their own: choosing a file, and the camera. */
export function Ways({ onPicture, onCamera }: { onPicture: (picture: Blob) => void; onCamera: () => void }) {
  const take = (event: { currentTarget: HTMLInputElement }) => {
    const [file] = event.currentTarget.files ?? [];
    // So that the same file can be chosen again.
    event.currentTarget.value = '';
    if (file) onPicture(file);
  };
  return (
    <div class="row">
      <label class="button primary file">
        <input type="file" accept={accepted} onChange={take} data-testid="file" />
        {texts.choose}
      </label>
      {hasCamera() ? (
        <button type="button" class="button" onClick={onCamera}>
          {texts.take}
        </button>
      ) : (
        // A phone opens its camera for this, also where the page itself may not.
        <label class="button file">
          <input type="file" accept="image/jpeg" capture="user" onChange={take} />
          {texts.take}
        </label>
      )}
    </div>
  );
}

/** Pictures that are dropped onto the page, or pasted; says whether something is held over it. */
export function useDropped(onPicture: (picture: Blob) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const end = new AbortController();
    const { signal } = end;
    const take = (event: Event, data: DataTransfer | null) => {
      const [file] = data?.files ?? [];
      setOver(false);
      if (!file) return;
      event.preventDefault();
      onPicture(file);
    };
    addEventListener('paste', (event) => take(event, event.clipboardData), { signal });
    addEventListener('drop', (event) => take(event, event.dataTransfer), { signal });
    addEventListener(
      'dragover',
      (event) => {
        // Without this the browser leaves the page for the file.
        event.preventDefault();
        setOver(true);
      },
      { signal },
    );
    addEventListener('dragleave', (event) => event.relatedTarget === null && setOver(false), { signal });
    return () => end.abort();
  }, [onPicture]);
  return over;
}
