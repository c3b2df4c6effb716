import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** Surroundings of a chart: sizes in pixels, colours of the present theme. */
export interface Place {
  readonly rem: number;
  readonly colour: (name: string) => string;
}

/**
 * A uPlot chart that fills its box, and is built again when its size, its theme or `shape` changes. It is only a picture:
 * the same data stands beside it as text or as a table.
 */
export function Plot({
  shape,
  options,
  data,
}: {
  shape: string;
  options: (place: Place) => Omit<uPlot.Options, 'width' | 'height'>;
  data: uPlot.AlignedData;
}) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ options, data });
  latest.current = { options, data };
  // `shape` stands for the inputs of the options.
  useEffect(() => {
    const element = host.current!;
    const make = () => {
      plot.current?.destroy();
      const { clientWidth: width, clientHeight: height } = element;
      if (width === 0 || height === 0) return;
      const made = latest.current.options(placeOf(element));
      plot.current = new uPlot({ ...made, width, height }, latest.current.data, element);
    };
    const sizes = new ResizeObserver(make);
    sizes.observe(element);
    const themes = new MutationObserver(make);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme', 'data-contrast'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', make);
    return () => {
      dark.removeEventListener('change', make);
      themes.disconnect();
      sizes.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [data]);
  return <div class="plot" ref={host} dir="ltr" aria-hidden="true" />;
}

function placeOf(element: HTMLElement): Place {
  const style = getComputedStyle(element);
  return {
    rem: Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
    colour: (name) => style.getPropertyValue(`--${name}`).trim(),
  };
}
