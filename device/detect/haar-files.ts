/** Where OpenCV's cascades are; without OpenCV, so that doctor can look too. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's opencv-data, OpenCV's own install, and opencv-data of older releases. */
export const haarFolders: readonly string[] = [
  '/usr/share/opencv4/haarcascades',
  '/usr/local/share/opencv4/haarcascades',
  '/usr/share/opencv/haarcascades',
];

/** The frontal cascade that the detector uses; undefined where the system has none. */
export function findCascade(folders = haarFolders): string | undefined {
  return folders.map((folder) => join(folder, 'haarcascade_frontalface_alt2.xml')).find((path) => existsSync(path));
}
