import type { TryMessages } from './en.ts';

export const messages: TryMessages = {
  title: 'Ausprobieren',
  lead: 'Geben Sie ein Bild mit Gesichtern, und sehen Sie, welche anscheinenden Ausdrücke das Gerät findet.',
  kept: 'Nichts wird behalten. Das Bild geht an dieses Gerät, wird in dessen Speicher betrachtet und vergessen.',
  choose: 'Bild auswählen',
  take: 'Bild aufnehmen',
  drop: 'oder hier ablegen oder einfügen',
  dropNow: 'Hier ablegen',
  formats: 'JPEG, PNG, WebP oder BMP; bis 10 MB und 40 Megapixel',

  cameraStarting: 'Die Kamera startet',
  cameraPicture: 'Was die Kamera sieht',
  shoot: 'Aufnehmen',
  cancel: 'Abbrechen',
  cameraRefused:
    'Dieser Browser darf die Kamera nicht benutzen. Erlauben Sie es neben der Adresse, oder wählen Sie ein Bild aus.',
  cameraMissing: 'Dieses Gerät hat keine Kamera. Wählen Sie stattdessen ein Bild aus.',
  cameraFailed: 'Die Kamera ist gerade nicht zu benutzen. Vielleicht hat sie ein anderes Programm.',

  looking: 'Wird betrachtet',
  picture: 'Ihr Bild',
  pictureWith: (count) =>
    count === 1 ? 'Ihr Bild mit einem markierten Gesicht' : `Ihr Bild mit ${count} markierten Gesichtern`,
  found: (count) => (count === 1 ? 'Ein Gesicht' : `${count} Gesichter`),
  foundIn: (time) => `gefunden in ${time}`,
  face: (number) => `Gesicht ${number}`,
  uncertainHint: 'Nicht deutlich genug.',
  none: 'Kein Gesicht gefunden',
  noneHint: 'Gesichter werden von vorn, bei Licht und ab etwa 20 Pixeln Höhe gefunden.',
  another: 'Anderes Bild',
  retry: 'Noch einmal',
  meaning: 'Ein anscheinender Ausdruck ist, wie ein Gesicht aussieht, nicht was ein Mensch fühlt.',

  failed: 'Dieses Bild konnte nicht betrachtet werden',
  tooLarge: (size) =>
    `Das Bild hat ${size}; höchstens 10 MB werden angenommen. Verkleinern Sie es, oder nehmen Sie ein anderes.`,
  wrongType: (type) => `Das ist ${type}. Erwartet wird ein Bild als JPEG, PNG, WebP oder BMP.`,
  unknownType: 'eine Datei anderer Art',
  noAnswer: 'Das Gerät antwortet nicht. Ist es eingeschaltet, und ist dieser Browser in seinem Netz?',
  kioskPage: 'Kioskseite',
};
