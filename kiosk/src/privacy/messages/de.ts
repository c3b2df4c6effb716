import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Datenschutz',
  purpose: 'Dieses Gerät zeigt, protokolliert und meldet, welchen Ausdruck die Gesichter vor ihm zu haben scheinen.',
  apparent: 'Der sichtbare Ausdruck ist eine Schätzung, wie ein Gesicht aussieht. Was jemand fühlt, sagt er nicht.',
  whatHappens: 'Was gespeichert und was gesendet wird',
  language: 'Sprache',
  loading: 'Einen Moment, bitte …',
  failed: 'Das Gerät antwortet gerade nicht.',
  again: 'Noch einmal versuchen',
  derived: 'Diese Angaben ergeben sich aus den aktuellen Einstellungen des Geräts.',
  items: {
    'picture-not-kept': () => 'Das Bild wird im Arbeitsspeicher ausgewertet und angezeigt. Es wird nie gespeichert.',
    'no-identity': () =>
      'Niemand wird identifiziert. Wer zurückkommt, zählt als neue Person; von keinem Gesicht wird ein biometrisches Profil erstellt.',
    'samples-logged': ({ seconds, days }) =>
      `Solange ein Gesicht zu sehen ist, werden im Abstand von ${seconds} s der sichtbare Ausdruck mit seinen Wahrscheinlichkeiten (oder der Grund, warum keiner erkannt wurde), die Uhrzeit und eine laufende Nummer protokolliert. Nach ${days} Tagen wird all das gelöscht.`,
    'visits-logged': ({ days }) =>
      `Zu jedem Besuch werden Anfang, Ende, die Anteile der sichtbaren Ausdrücke und die Gründe, falls keiner erkannt wurde, protokolliert und nach ${days} Tagen gelöscht.`,
    'sums-logged': ({ minutesDays, hoursDays }) =>
      `Summen über alle Personen (wie viele, wie lange, Zeit je scheinbarem Ausdruck) werden je Minute aufgezeichnet und nach ${minutesDays} Tagen gelöscht, Summen je Stunde nach ${hoursDays} Tagen.`,
    'copies-kept': ({ days }) =>
      `Eine Kopie des Protokolls von vor einer Aktualisierung und ein beschädigtes oder ersetztes Protokoll werden ${days} Tage nach dem letzten Schreiben gelöscht.`,
    'nothing-sent': () => 'An andere Geräte wird nichts gesendet.',
    'readings-sent': ({ to }) =>
      `Sichtbare Ausdrücke, die Lage der Gesichter im Bild und Besuche werden an den Server ${to} gesendet, Bilder nicht.`,
    'pictures-sent': ({ to }) =>
      `Sichtbare Ausdrücke, die Lage der Gesichter im Bild und Besuche werden an den Server ${to} gesendet. Auf Anfrage wird auch ein einzelnes Bild dorthin gesendet.`,
    'seen-here-only': () => 'Das Live-Bild ist nur auf diesem Gerät zu sehen.',
    'seen-over-network': ({ encrypted }) =>
      `Wer das Passwort oder ein Token hat, kann das Live-Bild über das Netzwerk sehen${encrypted ? '; die Verbindung ist verschlüsselt' : ''}.`,
    'uploads-not-kept': () =>
      'Ein Bild, das jemand zum Ausprobieren hochlädt, wird im Arbeitsspeicher ausgewertet und sofort gelöscht.',
  },
};
