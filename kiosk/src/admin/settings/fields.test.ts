import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { liveSettingsPatch } from '../../../../device/config/live-settings.ts';
import { settings, units } from '../../../../device/config/settings.ts';
import { asText, asTyped, type Field, fieldsOf, flatten, type JsonSchema, nest } from './fields.ts';
import type { SettingMessages, SettingPath } from './messages/setting-messages.ts';
import { expectedOf, optionName, titleOf } from './words.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    camera: {
      type: 'object',
      properties: {
        fps: {
          ...{ type: 'number', minimum: 0.1, maximum: 120, description: 'Frames a second.' },
          unit: 'framesPerSecond',
        },
      },
    },
    kiosk: {
      type: 'object',
      properties: {
        theme: { type: 'string', enum: ['auto', 'dark'] },
        title: { type: 'string', maxLength: 60 },
      },
    },
    detect: {
      type: 'object',
      properties: { adaptive: { type: 'boolean' }, minFace: { type: 'integer', minimum: 10 } },
    },
  },
};

describe('a form from a schema', () => {
  test('has a field per leaf of the schema, with its kind and bounds', () => {
    const fields = fieldsOf(schema);
    expect(fields.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'camera.fps number',
      'kiosk.theme choice',
      'kiosk.title text',
      'detect.adaptive switch',
      'detect.minFace number',
    ]);
    expect(fields[0]).toMatchObject({
      min: 0.1,
      max: 120,
      unit: 'framesPerSecond',
      description: 'Frames a second.',
    });
    expect(fields[1]!.options).toEqual(['auto', 'dark']);
    expect(fields[2]!.maxLetters).toBe(60);
  });

  test('flattens nested settings to paths and back', () => {
    const nested = { camera: { fps: 30 }, kiosk: { theme: 'auto', title: 'Mien' }, detect: { adaptive: false } };
    expect(nest(flatten(nested))).toEqual(nested);
    expect(flatten(nested)).toEqual({
      'camera.fps': 30,
      'kiosk.theme': 'auto',
      'kiosk.title': 'Mien',
      'detect.adaptive': false,
    });
  });

  test('input that is not a number stays text, for the device to refuse', () => {
    const [number, , text] = fieldsOf(schema);
    expect(asTyped(number!, '12.5')).toBe(12.5);
    expect(asTyped(number!, 'many')).toBe('many');
    expect(asTyped(number!, ' ')).toBe(' ');
    expect(asTyped(text!, '12')).toBe('12');
  });

  test('decimals use the separator of the language', () => {
    const [number] = fieldsOf(schema);
    expect(asTyped(number!, '0,5', ',')).toBe(0.5);
    expect(asTyped(number!, '0.5', ',')).toBe(0.5);
    expect(asTyped(number!, '1,2,3', ',')).toBe('1,2,3');
    expect(asText(0.5, ',')).toBe('0,5');
  });
});

describe('words of a setting', () => {
  const live = fieldsOf(z.toJSONSchema(liveSettingsPatch, { io: 'input' }) as JsonSchema);
  const field = (path: string) => live.find((each) => each.path === path) as Field;

  test('the error of a refused value has bounds and unit', () => {
    expect(expectedOf(field('camera.fps'))).toBe('Between 0.1 and 120 frames per second');
    expect(expectedOf(field('detect.inputWidth'))).toBe(
      'Between 0 and 1,280 pixels, without decimals, a multiple of 32',
    );
    expect(expectedOf(field('detect.minScore'))).toBe('Between 0.1 and 0.99');
    expect(expectedOf(field('kiosk.title'))).toBe('At most 60 characters');
    expect(expectedOf(field('kiosk.night'))).toBe('Two different times, such as 22:00-06:00, or nothing');
    expect(expectedOf(field('kiosk.theme'))).toBe('One of: As the browser, Dark, Light, High contrast');
  });

  test.each(['en', 'de', 'fr', 'es', 'ur'])(
    'in %s every setting has a title, a description and named choices',
    async (language) => {
      const { messages }: { messages: SettingMessages } = await import(`./messages/${language}.ts`);
      for (const { path } of settings) {
        expect(messages.titles[path as SettingPath], path).toBeTruthy();
        // The English descriptions come from the device.
        if (language !== 'en') expect(messages.descriptions[path as SettingPath], path).toMatch(/\S.*[.:)۔]/s);
      }
      expect(Object.keys(messages.titles).sort()).toEqual(settings.map(({ path }) => path).sort());
      const choices: Readonly<Record<string, Readonly<Record<string, string>>>> = messages.options;
      for (const { path, options } of live.filter(({ kind }) => kind === 'choice')) {
        expect(Object.keys(choices[path] ?? {}).sort(), path).toEqual([...options].sort());
      }
      expect(Object.keys(messages.units).sort()).toEqual(Object.keys(units).sort());
    },
  );

  test('a setting that this page does not know keeps the names of the device', () => {
    expect(titleOf('camera.zoom')).toBeUndefined();
    expect(optionName('kiosk.theme', 'sepia')).toBe('sepia');
  });
});
