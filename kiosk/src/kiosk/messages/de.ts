import { formatNumber, pluralOf } from '../../language/format.ts';
import type { Messages } from './en.ts';

export const messages: Messages = {
  defaultTitle: 'Mien',
  notice:
    'Dieser Bildschirm schätzt den sichtbaren Gesichtsausdruck. Bilder werden nicht gespeichert und verlassen das Gerät nicht.',
  privacy: 'Datenschutz',
  privacyScan: 'Was wird gespeichert? Code mit dem Handy scannen.',
  claim: (address, code) => `Zum Einrichten ${address} öffnen und ${code} eingeben.`,

  apparentExpression: 'Sichtbarer Ausdruck',
  apparentExpressionIs: (expression) => `Sichtbarer Ausdruck: ${expression}`,
  unnamed: {
    small: 'Bitte kommen Sie etwas näher.',
    turned: 'Bitte schauen Sie in die Kamera.',
    dark: 'Auf das Gesicht fällt zu wenig Licht.',
    blurred: 'Das Bild ist unscharf. Bitte kurz stillhalten.',
    covered: 'Ein Teil des Gesichts ist verdeckt.',
    ambiguous: 'Mehrere Ausdrücke kommen infrage.',
    unknown: 'Der Ausdruck ist gerade nicht zu erkennen.',
  },
  people: (count) => (count === 1 ? 'eine Person im Bild' : `die vorderste von ${formatNumber(count)} Personen`),
  more: (count) => `und ${formatNumber(count)} weitere im Bild`,
  eachFace: 'Alle Gesichter von links nach rechts',
  allExpressions: 'Alle Ausdrücke dieses Gesichts',
  livePicture: 'Live-Bild',
  nobody: 'Niemand im Bild',
  noReading: 'Kein Ergebnis',
  noReadingHint: 'Weiter geht es, sobald das Bild wieder da ist.',

  invitation: 'Treten Sie vor die Kamera',
  invitationHint: 'Und sehen Sie, wie Ihr Gesichtsausdruck wirkt.',
  theExpressions: 'Die Ausdrücke und ihre Farben',

  lastHour: 'Letzte Stunde',
  today: 'Heute',
  now: 'jetzt',
  lookedHappy: (share) => `${share} wirkten fröhlich`,
  mostly: (expression) => `meist ${expression}`,
  visits: (count) => `${formatNumber(count)} ${pluralOf(count, { one: 'Besuch', other: 'Besuche' })}`,
  seen: {
    hour: 'Wie lange in jeder Minute jemand zu sehen war, nach sichtbarem Ausdruck',
    today: 'Wie lange in jeder Stunde jemand zu sehen war, nach sichtbarem Ausdruck',
  },
  fills: 'füllt sich mit der Zeit',

  connecting: { title: 'Verbindung wird aufgebaut', hint: 'Einen Moment, bitte.' },
  loading: { title: 'Das Gerät lädt', hint: 'Auf einem langsamen Gerät dauert das einige Minuten.' },
  starting: { title: 'Die Kamera startet', hint: 'Einen Moment, bitte.' },
  restarting: { title: 'Die Erkennung startet neu', hint: 'Das dauert nur wenige Sekunden.' },
  paused: { title: 'Pause', hint: 'Die Kamera ist aus. Niemand wird erfasst, nichts wird protokolliert.' },
  ended: { title: 'Die Aufnahme ist zu Ende', hint: 'Sie läuft nur einmal.' },
  model: {
    'model-missing': {
      title: 'Erkennung nicht verfügbar',
      hint: 'Eine Datei fehlt. Bitte sagen Sie dem Personal Bescheid.',
    },
    'model-invalid': {
      title: 'Erkennung nicht verfügbar',
      hint: 'Eine Datei ist beschädigt. Bitte sagen Sie dem Personal Bescheid.',
    },
  },
  stale: 'Das Bild ist stehen geblieben',
  reconnecting: 'Verbindung unterbrochen',
  reconnectingHint: 'Sie wird automatisch wiederhergestellt.',
  pictureAge: (duration) => `Das letzte Bild ist ${duration} alt.`,

  status: 'Zustand',
  camera: {
    'camera-missing': { title: 'Keine Kamera', hint: 'Das Bild kommt zurück, sobald die Kamera angeschlossen ist.' },
    'camera-busy': { title: 'Kamera belegt', hint: 'Ein anderes Programm benutzt die Kamera.' },
    'camera-stalled': { title: 'Kein Kamerabild', hint: 'Die Verbindung wird automatisch wiederhergestellt.' },
    'camera-unreadable': { title: 'Kein Kamerabild', hint: 'Bitte sagen Sie dem Personal Bescheid.' },
    unknown: { title: 'Kein Kamerabild', hint: 'Die Verbindung wird automatisch wiederhergestellt.' },
  },
  store: {
    'disk-full': 'Besuche werden gerade nicht protokolliert: Der Speicher ist voll.',
    'store-unwritable': 'Besuche werden gerade nicht protokolliert.',
    'store-damaged': 'Das Besuchsprotokoll ist beschädigt. Bitte sagen Sie dem Personal Bescheid.',
    'store-newer': 'Besuche werden nicht protokolliert: Das Protokoll stammt von einer neueren Version.',
    'store-salvaging': 'Frühere Besuche werden gerade wiederhergestellt.',
    unknown: 'Besuche werden gerade nicht protokolliert.',
  },
  governor: {
    hot: 'Die Erkennung ist langsamer, bis das Gerät abgekühlt ist.',
    undervoltage: 'Die Erkennung ist langsamer: Das Gerät bekommt zu wenig Strom.',
    throttled: 'Die Erkennung ist langsamer, um das Gerät zu schonen.',
    unknown: 'Die Erkennung ist langsamer, um das Gerät zu schonen.',
  },
  mqtt: {
    'broker-unreachable': 'Ergebnisse werden später gesendet: keine Verbindung zum Server.',
    'broker-refused': 'Ergebnisse werden später gesendet: Der Server hat die Anmeldung abgelehnt.',
    'broker-untrusted': 'Ergebnisse werden später gesendet: Der Server gilt nicht als vertrauenswürdig.',
    unknown: 'Ergebnisse werden später gesendet: keine Verbindung zum Server.',
  },
  vision: {
    'detector-fallback': 'Gesichter von der Seite werden gerade nicht erkannt.',
    unknown: 'Die Erkennung ist gerade eingeschränkt.',
  },
};
