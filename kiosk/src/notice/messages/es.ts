import type { Messages } from './en.ts';

export const messages: Messages = {
  kinds: {
    operators: {
      title: 'Solo para operadores',
      text: 'Ha iniciado sesión como espectador. Esta página es para quienes se encargan del dispositivo.',
    },
    token: {
      title: 'Token incorrecto',
      text: 'La contraseña o el token que envió su navegador no es de este dispositivo.',
    },
    host: {
      title: 'Dirección desconocida',
      text: 'Este dispositivo no reconoce como suyo el nombre de la barra de direcciones.',
    },
    unknown: { title: 'Página no encontrada', text: 'No hay ninguna página en esta dirección.' },
    method: { title: 'No es una página', text: 'Esta dirección es para programas. Un navegador no puede abrirla.' },
    busy: { title: 'Demasiadas peticiones', text: 'Espere un momento y vuelva a intentarlo.' },
    unavailable: {
      title: 'No disponible',
      text: 'El dispositivo no puede mostrar esto ahora. Vuelva a intentarlo más tarde.',
    },
    refused: { title: 'No permitido', text: 'El dispositivo rechazó esta petición.' },
  },
  logIn: 'Iniciar sesión como operador',
  toKiosk: 'Ir a la página del quiosco',
};
