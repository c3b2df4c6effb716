import { describe, expect, test } from 'vitest';
import { asTyped, fieldsOf, flatten, nest } from './fields.ts';

const schema = {
  type: 'object',
  properties: {
    camera: {
      type: 'object',
      properties: { fps: { type: 'number', minimum: 0.1, maximum: 120, default: 30, description: 'Frames a second.' } },
    },
    kiosk: {
      type: 'object',
      properties: {
        theme: { type: 'string', enum: ['auto', 'dark'], default: 'auto' },
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
  test('has a field per leaf, with its kind and bounds', () => {
    const fields = fieldsOf(schema);
    expect(fields.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'camera.fps number',
      'kiosk.theme choice',
      'kiosk.title text',
      'detect.adaptive switch',
      'detect.minFace number',
    ]);
    expect(fields[0]).toMatchObject({ least: 0.1, most: 120, description: 'Frames a second.' });
    expect(fields[1]!.options).toEqual(['auto', 'dark']);
    expect(fields[2]!.mostLetters).toBe(60);
  });

  test('paths and nesting are two forms of the same', () => {
    const nested = { camera: { fps: 30 }, kiosk: { theme: 'auto', title: 'Mien' }, detect: { adaptive: false } };
    expect(nest(flatten(nested))).toEqual(nested);
    expect(flatten(nested)).toEqual({
      'camera.fps': 30,
      'kiosk.theme': 'auto',
      'kiosk.title': 'Mien',
      'detect.adaptive': false,
    });
  });

  test('what is no number is left to the device to refuse', () => {
    const [number, , text] = fieldsOf(schema);
    expect(asTyped(number!, '12.5')).toBe(12.5);
    expect(asTyped(number!, 'many')).toBe('many');
    expect(asTyped(number!, ' ')).toBe(' ');
    expect(asTyped(text!, '12')).toBe('12');
  });
});
