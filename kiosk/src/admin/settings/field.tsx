import { formatFigure } from '../format.ts';
import { texts } from '../messages/texts.ts';
import { asTyped, type Field, type Value } from './fields.ts';

/** Longer texts get several lines. */
const longText = 100;

interface Props {
  readonly field: Field;
  readonly value: Value;
  /** What the next start of the daemon would use. */
  readonly configured: Value | undefined;
  readonly changed: boolean;
  /** What the device expected instead. */
  readonly error: string | undefined;
  readonly onChange: (value: Value) => void;
  readonly onUndo: () => void;
}

/** One setting: its control, what it is, its bounds, and beside it what is wrong with it. */
export function SettingField({ field, value, configured, changed, error, onChange, onUndo }: Props) {
  const id = `setting-${field.path.replaceAll('.', '-')}`;
  const name = texts.settingNames[field.path];
  return (
    <div class="setting" data-changed={changed} data-wrong={error !== undefined} data-testid={field.path}>
      <label for={id}>{name ?? <code>{field.path}</code>}</label>
      <div class="setting-control">
        <Control
          id={id}
          field={field}
          value={value}
          onChange={onChange}
          aria-describedby={error === undefined ? `${id}-hint` : `${id}-error ${id}-hint`}
          aria-invalid={error !== undefined}
        />
        {changed && (
          <button
            type="button"
            class="button small"
            aria-label={`${texts.undo}: ${name ?? field.path}`}
            onClick={onUndo}
          >
            {texts.undo}
          </button>
        )}
      </div>
      {error !== undefined && (
        <p class="wrong" id={`${id}-error`}>
          {texts.expected(error)}
        </p>
      )}
      <p class="hint" id={`${id}-hint`}>
        <Description field={field} />
        <span class="bounds">{boundsOf(field, configured)}</span>
      </p>
    </div>
  );
}

/** What a setting does: in the language of the page where that is known, else in the device's own words. */
function Description({ field: { path, description } }: Pick<Props, 'field'>) {
  const translated = texts.settingHints[path];
  if (translated) return <span>{translated}</span>;
  return (
    <span lang="en" dir="auto">
      {description}
    </span>
  );
}

function Control({
  field,
  value,
  onChange,
  ...rest
}: { id: string; 'aria-describedby': string; 'aria-invalid': boolean } & Pick<Props, 'field' | 'value' | 'onChange'>) {
  const take = (event: { currentTarget: { value: string } }) => onChange(asTyped(field, event.currentTarget.value));
  switch (field.kind) {
    case 'switch':
      return (
        <input
          {...rest}
          type="checkbox"
          role="switch"
          aria-checked={value === true}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <select {...rest} value={String(value)} onChange={take}>
          {field.options.map((option) => (
            <option key={option} value={option}>
              {optionName(field.path, option)}
            </option>
          ))}
        </select>
      );
    case 'number':
      // Not type=number: that hides what was typed where it is no number, and turns under the wheel.
      return (
        <input {...rest} type="text" inputMode="decimal" size={8} dir="ltr" value={String(value)} onInput={take} />
      );
    case 'text':
      return (field.mostLetters ?? 0) > longText ? (
        <textarea {...rest} rows={3} dir="auto" value={String(value)} onInput={take} />
      ) : (
        <input {...rest} type="text" dir="auto" value={String(value)} onInput={take} />
      );
  }
}

function boundsOf({ path, kind, least, most }: Field, configured: Value | undefined): string {
  const bounds =
    kind === 'number' && least !== undefined && most !== undefined
      ? [texts.bounds(formatFigure(least, 'thousandths'), formatFigure(most, 'thousandths'))]
      : [];
  const isShort = configured !== undefined && String(configured).length < 25;
  return [...bounds, ...(isShort ? [texts.usual(textOf(path, configured))] : [])].join('; ');
}

function textOf(path: string, value: Value): string {
  if (typeof value === 'boolean') return value ? texts.on : texts.off;
  return typeof value === 'number' ? formatFigure(value, 'thousandths') : optionName(path, value);
}

/** One choice of a setting in words; as it stands in the configuration where it has none. */
function optionName(path: string, option: string): string {
  return texts.optionNames[path]?.[option] ?? option;
}
