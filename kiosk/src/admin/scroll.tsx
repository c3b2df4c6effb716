import type { ComponentChildren, Ref } from 'preact';

/** A box whose content may be larger than the box. It scrolls by keyboard too. */
export function Scroll({
  name,
  kind = 'scroll',
  inner,
  children,
}: {
  name: string;
  /** Its CSS class. */
  kind?: string;
  inner?: Ref<HTMLDivElement>;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is about form controls
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div class={kind} role="group" tabIndex={0} aria-label={name} ref={inner ?? null} data-testid={kind}>
      {children}
    </div>
  );
}
