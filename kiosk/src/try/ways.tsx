import { useEffect, useState } from 'preact/hooks';
import { hasCamera } from './camera.tsx';
import { accepted } from './classify.ts';
import { texts } from './messages/texts.ts';

/** Buttons for two ways to give a picture: a file, and the camera. */
export function Ways({ onPicture, onCamera }: { onPicture: (picture: Blob) => void; onCamera: () => void }) {
  const take = (event: { currentTarget: HTMLInputElement }) => {
    const [file] = event.currentTarget.files ?? [];
    // Allows choosing the same file again.
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
        // A phone opens its camera for this, even if the page may not use it.
        <label class="button file">
          <input type="file" accept="image/jpeg" capture="user" onChange={take} />
          {texts.take}
        </label>
      )}
    </div>
  );
}

/** Accepts dropped and pasted pictures. Returns whether a file is held over the page. */
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
        // Without this the browser would leave the page and open the file.
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
