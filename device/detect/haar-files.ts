/** Paths of OpenCV's cascades. This file does not load OpenCV, so that doctor can use it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of Debian's opencv-data, of OpenCV's own install, and of opencv-data in older releases. */
export const haarFolders: readonly string[] = [
  '/usr/share/opencv4/haarcascades',
  '/usr/local/share/opencv4/haarcascades',
  '/usr/share/opencv/haarcascades',
];

/** The frontal cascade of the detector; undefined where the system has none. */
export function findCascade(folders = haarFolders): string | undefined {
  return folders.map((folder) => join(folder, 'haarcascade_frontalface_alt2.xml')).find((path) => existsSync(path));
}
