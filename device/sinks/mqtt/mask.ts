export { maskUrls as maskCredentials } from '../../core/mask.ts';
