import { formatNumber, pluralOf } from '../../language/format.ts';
import type { Messages } from './en.ts';

export const messages: Messages = {
  defaultTitle: 'Mien',
  notice:
    'Esta pantalla estima la expresión aparente de los rostros. Ninguna imagen se guarda ni sale de este dispositivo.',
  privacy: 'Privacidad',
  privacyScan: '¿Qué se guarda? Escanee el código.',
  claim: (address, code) => `Para configurar este dispositivo, abra ${address} y escriba ${code}.`,

  apparentExpression: 'Expresión aparente',
  apparentExpressionIs: (expression) => `Expresión aparente: ${expression}`,
  unnamed: {
    small: 'Acérquese un poco, por favor.',
    turned: 'Mire hacia la cámara, por favor.',
    dark: 'El rostro tiene poca luz.',
    blurred: 'La imagen está borrosa. No se mueva un momento.',
    covered: 'Parte del rostro está tapada.',
    ambiguous: 'Podría ser más de una expresión.',
    unknown: 'Ahora mismo la expresión no está clara.',
  },
  people: (count) => (count === 1 ? 'una persona en la imagen' : `la más cercana de ${formatNumber(count)} personas`),
  more: (count) => `y ${formatNumber(count)} más en la imagen`,
  eachFace: 'Todos los rostros, de izquierda a derecha',
  allExpressions: 'Todas las expresiones de este rostro',
  livePicture: 'Imagen en directo',
  nobody: 'Nadie en la imagen',
  noReading: 'Sin resultado',
  noReadingHint: 'Continuará cuando vuelva la imagen.',

  invitation: 'Póngase delante de la cámara',
  invitationHint: 'Descubra qué expresión parece tener su rostro.',
  theExpressions: 'Las expresiones y sus colores',

  lastHour: 'Última hora',
  today: 'Hoy',
  now: 'ahora',
  lookedHappy: (share) => `${share} parecían alegres`,
  mostly: (expression) => `sobre todo: ${expression}`,
  visits: (count) => `${formatNumber(count)} ${pluralOf(count, { one: 'visita', other: 'visitas' })}`,
  seen: {
    hour: 'Cuánto tiempo se vio a personas en cada minuto, según la expresión aparente',
    today: 'Cuánto tiempo se vio a personas en cada hora, según la expresión aparente',
  },
  fills: 'se irá llenando',

  connecting: { title: 'Conectando', hint: 'Un momento, por favor.' },
  loading: { title: 'El dispositivo se está cargando', hint: 'En un dispositivo lento tarda unos minutos.' },
  starting: { title: 'La cámara se está iniciando', hint: 'Un momento, por favor.' },
  restarting: { title: 'El reconocimiento se está reiniciando', hint: 'Tardará unos segundos.' },
  paused: { title: 'En pausa', hint: 'La cámara está apagada. No se ve a nadie ni se registra nada.' },
  ended: { title: 'La grabación ha terminado', hint: 'Se reproduce una sola vez.' },
  model: {
    'model-missing': {
      title: 'Reconocimiento no disponible',
      hint: 'Falta un archivo. Avise al personal, por favor.',
    },
    'model-invalid': {
      title: 'Reconocimiento no disponible',
      hint: 'Hay un archivo dañado. Avise al personal, por favor.',
    },
  },
  stale: 'La imagen se ha detenido',
  reconnecting: 'Se ha perdido la conexión',
  reconnectingHint: 'Volviendo a conectar automáticamente.',
  pictureAge: (duration) => `La última imagen es de hace ${duration}.`,

  status: 'Estado',
  camera: {
    'camera-missing': { title: 'No hay cámara', hint: 'La imagen volverá en cuanto se conecte la cámara.' },
    'camera-busy': { title: 'Cámara ocupada', hint: 'Otro programa está usando la cámara.' },
    'camera-stalled': { title: 'No llega imagen de la cámara', hint: 'Volviendo a conectar automáticamente.' },
    'camera-unreadable': { title: 'No llega imagen de la cámara', hint: 'Avise al personal, por favor.' },
    unknown: { title: 'No llega imagen de la cámara', hint: 'Volviendo a conectar automáticamente.' },
  },
  store: {
    'disk-full': 'Por ahora no se registran las visitas: no queda espacio.',
    'store-unwritable': 'Por ahora no se registran las visitas.',
    'store-damaged': 'El registro de visitas está dañado. Avise al personal, por favor.',
    'store-newer': 'No se registran las visitas: el registro es de una versión más reciente.',
    'store-salvaging': 'Se están recuperando las visitas anteriores.',
    unknown: 'Por ahora no se registran las visitas.',
  },
  governor: {
    hot: 'El reconocimiento va más lento mientras se enfría el dispositivo.',
    undervoltage: 'El reconocimiento va más lento: al dispositivo le falta corriente.',
    throttled: 'El reconocimiento va más lento para proteger el dispositivo.',
    unknown: 'El reconocimiento va más lento para proteger el dispositivo.',
  },
  mqtt: {
    'broker-unreachable': 'Los resultados se enviarán más tarde: no hay conexión con el servidor.',
    'broker-refused': 'Los resultados se enviarán más tarde: el servidor rechaza el acceso.',
    'broker-untrusted': 'Los resultados se enviarán más tarde: el servidor no es de confianza.',
    unknown: 'Los resultados se enviarán más tarde: no hay conexión con el servidor.',
  },
  vision: {
    'detector-fallback': 'Por ahora no se reconocen los rostros de perfil.',
    unknown: 'Por ahora el reconocimiento es limitado.',
  },
};
