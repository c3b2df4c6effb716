import { nameOf } from '../../expression/expressions.ts';
import { texts } from '../messages/texts.ts';
import { type Bucket, type Filter, usualBucket } from './period.ts';

const periods = ['today', 'week', 'month', 'own'] as const;
const buckets: readonly Bucket[] = ['hour', 'day', 'week'];

/** Period and expression that the section shows. Each change applies at once. */
export function Filters({
  filter,
  labels,
  onChange,
}: {
  filter: Filter;
  labels: readonly string[];
  onChange: (filter: Filter) => void;
}) {
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <fieldset class="choice">
        <legend>{texts.period}</legend>
        <div class="choices">
          {periods.map((period) => (
            <label key={period}>
              <input
                type="radio"
                name="period"
                checked={filter.period === period}
                onChange={() =>
                  onChange({ ...filter, period, bucket: period === 'own' ? filter.bucket : usualBucket[period] })
                }
              />
              <span>{texts.periods[period]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {filter.period === 'own' && (
        <>
          <label class="field">
            {texts.from}
            <input
              type="date"
              value={filter.from}
              max={filter.to}
              onChange={(event) => onChange({ ...filter, from: event.currentTarget.value })}
            />
          </label>
          <label class="field">
            {texts.to}
            <input
              type="date"
              value={filter.to}
              min={filter.from}
              onChange={(event) => onChange({ ...filter, to: event.currentTarget.value })}
            />
          </label>
        </>
      )}
      <label class="field">
        {texts.bucket}
        <select
          value={filter.bucket}
          onChange={(event) => onChange({ ...filter, bucket: event.currentTarget.value as Bucket })}
        >
          {buckets.map((bucket) => (
            <option key={bucket} value={bucket}>
              {texts.buckets[bucket]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {texts.expression}
        <select value={filter.label} onChange={(event) => onChange({ ...filter, label: event.currentTarget.value })}>
          <option value="">{texts.any}</option>
          {labels.map((label) => (
            <option key={label} value={label}>
              {nameOf(label)}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}
