import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Privacidad',
  purpose:
    'Este dispositivo muestra, registra y transmite la expresión que parecen tener los rostros que tiene delante.',
  apparent: 'La expresión aparente es una estimación del aspecto de un rostro. No dice lo que siente la persona.',
  whatHappens: 'Qué se guarda y qué se envía',
  language: 'Idioma',
  loading: 'Un momento, por favor…',
  failed: 'El dispositivo no responde en este momento.',
  again: 'Reintentar',
  derived: 'Esta información procede de los ajustes actuales del dispositivo.',
  items: {
    'picture-not-kept': () => 'La imagen se analiza en memoria y se muestra. Nunca se guarda.',
    'no-identity': () =>
      'No se identifica a nadie. Quien vuelve cuenta como una persona nueva; no se crea ningún perfil biométrico.',
    'samples-logged': ({ seconds, days }) =>
      `Mientras se ve un rostro, a intervalos de ${seconds} s se registran su expresión aparente con las probabilidades (o por qué no se reconoció ninguna), la hora y un número correlativo. Todo se borra a los ${days} días.`,
    'visits-logged': ({ days }) =>
      `De cada visita se registran el principio, el final, la proporción de cada expresión aparente y los motivos cuando no se reconoció ninguna. Todo se borra a los ${days} días.`,
    'sums-logged': ({ minutesDays, hoursDays }) =>
      `Las sumas de todas las personas (cuántas, cuánto tiempo, tiempo de cada expresión aparente) se registran por minuto y se borran a los ${minutesDays} días; las de cada hora, a los ${hoursDays} días.`,
    'copies-kept': ({ days }) =>
      `La copia del registro que se hace antes de una actualización, y un registro dañado o sustituido, se borran ${days} días después de la última escritura.`,
    'nothing-sent': () => 'No se envía nada a otros dispositivos.',
    'readings-sent': ({ to }) =>
      `Las expresiones aparentes, la posición de los rostros en la imagen y las visitas se envían al servidor ${to}; las imágenes, no.`,
    'pictures-sent': ({ to }) =>
      `Las expresiones aparentes, la posición de los rostros en la imagen y las visitas se envían al servidor ${to}. Si se pide, también se le envía una imagen.`,
    'seen-here-only': () => 'La imagen en directo solo se ve en este dispositivo.',
    'seen-over-network': ({ encrypted }) =>
      `Quien tenga la contraseña o un token puede ver la imagen en directo por la red${encrypted ? '; la conexión está cifrada' : ''}.`,
    'uploads-not-kept': () =>
      'Una imagen enviada para probar el dispositivo se analiza en memoria y se borra enseguida.',
  },
};
