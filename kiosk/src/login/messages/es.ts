import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Iniciar sesión',
  intro: 'Para quienes se encargan de este dispositivo.',
  password: 'Contraseña o token',
  show: 'Mostrar',
  hide: 'Ocultar',
  logIn: 'Iniciar sesión',
  loggingIn: 'Iniciando sesión',
  noPassword: 'Este dispositivo no tiene contraseña. Introduzca un token o cree un enlace en el propio dispositivo:',
  notEncrypted: 'Esta conexión no está cifrada. Otras personas de esta red podrían leer la contraseña.',
  claimIntro: 'Este dispositivo aún no tiene operador. Escriba el código de su pantalla y elija una contraseña.',
  claimCode: 'Código de la pantalla',
  newPassword: 'Contraseña nueva (8 caracteres como mínimo)',
  claim: 'Fijar la contraseña',
  wrongCode: 'Ese no es el código de la pantalla, o el dispositivo ya tiene operador.',

  wrongPassword: 'Esa no es la contraseña ni un token de este dispositivo.',
  wrongLink: 'Este enlace ha caducado o ya se ha usado. Cree uno nuevo en el dispositivo:',
  tooMany: 'Demasiados intentos. Espere medio minuto y vuelva a intentarlo.',
  busy: 'Hay demasiados inicios de sesión a la vez. Inténtelo de nuevo en un momento.',
  noAnswer: 'El dispositivo no responde. ¿Está encendido? ¿Está usted en la misma red?',

  failed: 'Algo ha fallado en el dispositivo. Inténtelo de nuevo en un momento.',

  operator: 'Ha iniciado sesión como operador.',
  viewer: 'Ha iniciado sesión en modo de solo lectura.',
  toAdmin: 'Página del operador',
  toKiosk: 'Imagen en directo',
  logOut: 'Cerrar sesión',
};
