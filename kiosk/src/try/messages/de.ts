import type { TryMessages } from './en.ts';

export const messages: TryMessages = {
  title: 'Ausprobieren',
  lead: 'Wählen Sie ein Bild mit Gesichtern, und sehen Sie, welche sichtbaren Ausdrücke das Gerät findet.',
  kept: 'Nichts wird aufbewahrt. Das Bild wird an dieses Gerät gesendet, im Arbeitsspeicher ausgewertet und sofort gelöscht.',
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
  cameraFailed: 'Die Kamera lässt sich gerade nicht benutzen. Vielleicht verwendet sie ein anderes Programm.',

  looking: 'Bild wird ausgewertet',
  picture: 'Ihr Bild',
  pictureWith: (count) =>
    count === 1 ? 'Ihr Bild mit einem markierten Gesicht' : `Ihr Bild mit ${count} markierten Gesichtern`,
  found: (count) => (count === 1 ? 'Ein Gesicht' : `${count} Gesichter`),
  foundIn: (time) => `gefunden in ${time}`,
  face: (number) => `Gesicht ${number}`,
  uncertainHint: 'Der Ausdruck ist nicht deutlich genug.',
  none: 'Kein Gesicht gefunden',
  noneHint: 'Gefunden werden Gesichter, die nach vorn sehen, genug Licht haben und mindestens etwa 20 Pixel hoch sind.',
  another: 'Anderes Bild',
  retry: 'Noch einmal',
  meaning: 'Ein sichtbarer Ausdruck sagt, wie ein Gesicht auf andere wirkt, nicht, was die Person fühlt.',

  failed: 'Dieses Bild konnte nicht ausgewertet werden',
  tooLarge: (size) =>
    `Das Bild hat ${size}; höchstens 10 MB werden angenommen. Verkleinern Sie es, oder nehmen Sie ein anderes.`,
  wrongType: (type) => `Das ist ${type}. Erwartet wird ein Bild als JPEG, PNG, WebP oder BMP.`,
  unknownType: 'eine Datei anderer Art',
  noAnswer: 'Das Gerät antwortet nicht. Ist es eingeschaltet, und ist dieser Browser in seinem Netz?',
  kioskPage: 'Kioskseite',
};
