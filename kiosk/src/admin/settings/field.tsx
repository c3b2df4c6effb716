import { decimalPoint } from '../format.ts';
import { texts } from '../messages/texts.ts';
import { asText, type Field, type Value } from './fields.ts';
import { boundsOf, descriptionOf, expectedOf, optionName, titleOf, unitOf, valueText } from './words.ts';

/** Maximum characters of a field with one line; longer texts get several. */
const longText = 100;
/** Maximum characters of a value that is repeated beside its field. */
const longValue = 60;

interface Props {
  readonly field: Field;
  /** The typed value, or the value in effect. */
  readonly value: Value;
  /** Value of the configuration. */
  readonly configured: Value | undefined;
  /** Whether the value in effect was set on this page. */
  readonly overridden: boolean;
  readonly changed: boolean;
  /** What the device expected, in English, after a refusal. */
  readonly error: string | undefined;
  readonly onChange: (value: Value) => void;
  readonly onUndo: () => void;
  readonly onReset: () => void;
}

/** One setting: title, control, description and bounds, and its error. */
export function SettingField({ field, error, overridden, changed, configured, ...props }: Props) {
  const { path } = field;
  const id = `setting-${path.replaceAll('.', '-')}`;
  const name = titleOf(path);
  const unit = unitOf(field);
  const hints = error === undefined ? `${id}-hint` : `${id}-error ${id}-hint`;
  return (
    <div class="setting" data-changed={changed} data-wrong={error !== undefined} data-testid={path}>
      <label for={id}>{name ?? <code>{path}</code>}</label>
      <div class="setting-control">
        <Control
          id={id}
          field={field}
          value={props.value}
          onChange={props.onChange}
          aria-describedby={hints}
          aria-invalid={error !== undefined}
        />
        {unit !== '' && <span class="unit">{unit}</span>}
        {changed && <Back label={texts.undo} name={name ?? path} onClick={props.onUndo} />}
        {overridden && !changed && <Back label={texts.reset} name={name ?? path} onClick={props.onReset} />}
      </div>
      {error !== undefined && (
        <p class="wrong" id={`${id}-error`}>
          {expectedOf(field) ?? texts.expected(error)}
        </p>
      )}
      <p class="hint" id={`${id}-hint`}>
        {overridden && <span class="override">{overrideText(path, configured)}</span>}
        <Description path={path} description={field.description} />
        <span class="bounds">{boundsOf(field)}</span>
      </p>
    </div>
  );
}

function Back({ label, name, onClick }: { label: string; name: string; onClick: () => void }) {
  return (
    <button type="button" class="button small" aria-label={`${label}: ${name}`} onClick={onClick}>
      {label}
    </button>
  );
}

/** Description of a setting in the page's language; in the device's English where there is no translation. */
export function Description({ path, description }: { path: string; description: string }) {
  const translated = descriptionOf(path);
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
  const take = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value);
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
      // Not type=number, which hides input that is not a number and changes under the mouse wheel.
      return (
        <input
          {...rest}
          type="text"
          inputMode="decimal"
          size={8}
          dir="ltr"
          value={asText(value, decimalPoint)}
          onInput={take}
        />
      );
    case 'text':
      return (field.maxLetters ?? 0) > longText ? (
        <textarea {...rest} rows={3} dir="auto" value={String(value)} onInput={take} />
      ) : (
        <input {...rest} type="text" dir="auto" value={String(value)} onInput={take} />
      );
  }
}

function overrideText(path: string, configured: Value | undefined): string {
  const text = configured === undefined ? '' : valueText(path, configured);
  if (text === '') return texts.setHereEmpty;
  return text.length > longValue ? texts.setHereOther : texts.setHere(text);
}
