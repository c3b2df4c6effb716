import { z } from 'zod';

export const dataDir = z
  .string()
  .min(1)
  .default('.mien/data')
  .meta({ isPath: true })
  .describe('Folder of the database, of the settings made on /admin and of other files of the daemon.');

export const modelsDir = z
  .string()
  .min(1)
  .optional()
  .meta({ isPath: true })
  .describe('Folder of the models and their cards. Default: the models that Mien includes.');
