import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Privacidad',
  purpose: 'Este dispositivo muestra, registra y comunica qué expresión parecen tener los rostros que están delante.',
  apparent: 'Una expresión aparente es una estimación del aspecto de un rostro. No dice lo que una persona siente.',
  whatHappens: 'Qué ocurre con lo que ve',
  language: 'Idioma',
  loading: 'Preguntando al dispositivo …',
  failed: 'El dispositivo no responde en este momento.',
  again: 'Reintentar',
  derived: 'Deducido de la configuración actual de este dispositivo.',
  items: {
    'picture-not-kept': () => 'La imagen se analiza en memoria y se muestra. Nunca se guarda.',
    'no-identity': () =>
      'No se identifica a nadie. Quien vuelve cuenta como una persona nueva; no se crea ninguna plantilla de un rostro.',
    'samples-logged': ({ seconds, days }) =>
      `Mientras se ve un rostro, se registran cada ${seconds} s su expresión aparente con las probabilidades, o por qué no se reconoció ninguna, la hora y un número correlativo, y se borran a los ${days} días.`,
    'visits-logged': ({ days }) =>
      `De cada estancia se registran el comienzo, el final, la proporción de cada expresión aparente y los motivos cuando no se reconoció ninguna, y se borran a los ${days} días.`,
    'nothing-sent': () => 'No se envía nada a otra máquina.',
    'readings-sent': ({ to }) =>
      `Las expresiones aparentes, la posición de los rostros en la imagen y las estancias se envían, sin ninguna imagen, al broker ${to}.`,
    'seen-here-only': () => 'La imagen en directo solo se muestra en este dispositivo.',
    'seen-over-network': ({ encrypted }) =>
      `La imagen en directo puede verla por la red quien tenga la contraseña o un token${encrypted ? '; la conexión está cifrada' : ''}.`,
    'uploads-not-kept': () =>
      'Una imagen enviada para probar el dispositivo se analiza en memoria y se borra enseguida.',
  },
};
