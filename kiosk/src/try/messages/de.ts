import type { TryMessages } from './en.ts';

export const messages: TryMessages = {
  title: 'Ausprobieren',
  lead: 'Wählen Sie ein Bild mit Gesichtern und sehen Sie, welchen Ausdruck das Gerät darin erkennt.',
  kept: 'Nichts wird gespeichert. Das Bild geht nur an dieses Gerät, wird im Arbeitsspeicher ausgewertet und sofort gelöscht.',
  choose: 'Bild auswählen',
  take: 'Bild aufnehmen',
  drop: 'oder hierher ziehen oder einfügen',
  dropNow: 'Hier loslassen',
  formats: 'JPEG, PNG, WebP oder BMP; bis 10 MB und 40 Megapixel',

  cameraStarting: 'Die Kamera startet',
  cameraPicture: 'Bild der Kamera',
  shoot: 'Auslösen',
  cancel: 'Abbrechen',
  cameraRefused:
    'Dieser Browser darf die Kamera nicht benutzen. Erlauben Sie es neben der Adresszeile oder wählen Sie ein Bild aus.',
  cameraMissing: 'Dieses Gerät hat keine Kamera. Wählen Sie stattdessen ein Bild aus.',
  cameraFailed: 'Die Kamera lässt sich gerade nicht benutzen. Vielleicht ist sie von einem anderen Programm belegt.',

  looking: 'Bild wird ausgewertet',
  picture: 'Ihr Bild',
  pictureWith: (count) =>
    count === 1 ? 'Ihr Bild mit einem markierten Gesicht' : `Ihr Bild mit ${count} markierten Gesichtern`,
  found: (count) => (count === 1 ? 'Ein Gesicht' : `${count} Gesichter`),
  foundIn: (time) => `ausgewertet in ${time}`,
  face: (number) => `Gesicht ${number}`,
  uncertainHint: 'Der Ausdruck ist nicht deutlich genug.',
  none: 'Kein Gesicht gefunden',
  noneHint: 'Erkannt werden Gesichter, die zur Kamera schauen, gut beleuchtet und mindestens etwa 20 Pixel hoch sind.',
  another: 'Anderes Bild',
  retry: 'Noch einmal versuchen',
  meaning: 'Der sichtbare Ausdruck sagt, wie ein Gesicht auf andere wirkt, nicht, was die Person fühlt.',

  failed: 'Dieses Bild konnte nicht ausgewertet werden',
  tooLarge: (size) =>
    `Das Bild hat ${size}; höchstens 10 MB werden angenommen. Verkleinern Sie es oder nehmen Sie ein anderes.`,
  wrongType: (type) => `Das ist ${type}. Erwartet wird ein Bild als JPEG, PNG, WebP oder BMP.`,
  refused: {
    type: 'Das ist kein Bild als JPEG, PNG, WebP oder BMP.',
    size: 'Das Bild ist zu klein oder hat mehr als 40 Megapixel.',
    damaged: 'Die Datei ist beschädigt oder unvollständig. Bitte wählen Sie eine andere.',
    slow: 'Die Auswertung dieses Bildes dauert zu lange. Bitte wählen Sie ein kleineres.',
    busy: 'Das Gerät ist gerade ausgelastet. Bitte versuchen Sie es gleich noch einmal.',
    unavailable: 'Die Erkennung ist zurzeit nicht verfügbar. Bitte versuchen Sie es später noch einmal.',
    unknown: 'Auf dem Gerät ist etwas schiefgegangen. Bitte versuchen Sie es mit einem anderen Bild.',
  },
  loginNeeded: 'Ihre Anmeldung ist abgelaufen. Laden Sie die Seite neu, um sich wieder anzumelden.',
  cannotShow: 'Dieser Browser kann das Bild nicht anzeigen. Bitte wählen Sie ein anderes.',
  unknownType: 'eine Datei anderer Art',
  noAnswer: 'Das Gerät antwortet nicht. Ist es eingeschaltet, und ist dieser Browser in seinem Netz?',
  kioskPage: 'Zum Live-Bild',
};
