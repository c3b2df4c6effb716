import { type CareSettings, isDimmed } from './dim.ts';
import { offsetAt, unitOf } from './shift.ts';

const lookEveryMs = 1000;

export interface CareDeps {
  /** The box that fills the screen. */
  readonly screen: HTMLElement;
  /** Undefined until the device has sent them. */
  readonly settings: () => CareSettings | undefined;
  /** Monotonic ms. */
  readonly now: () => number;
}

/**
 * Protects a screen that shows the same page for years: the page is dimmed at night and while nobody is in view, and
 * moves by a pixel or two every few minutes.
 */
export class ScreenCare {
  readonly #deps: CareDeps;
  readonly #stillness = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #startedAt: number;
  #seenAt: number;

  constructor(deps: CareDeps) {
    this.#deps = deps;
    this.#startedAt = deps.now();
    this.#seenAt = this.#startedAt;
  }

  start(): void {
    for (const sign of ['pointerdown', 'pointermove', 'keydown']) addEventListener(sign, () => this.seen());
    setInterval(() => this.#look(), lookEveryMs);
  }

  /** Reports a person in view, or a touch: the page is bright at once. */
  seen(): void {
    this.#seenAt = this.#deps.now();
    delete this.#deps.screen.dataset.dimmed;
  }

  #look(): void {
    const { screen, settings, now } = this.#deps;
    const current = settings();
    if (!current) return;
    this.#shift(current);
    screen.style.setProperty('--veil', String(1 - current.nightBrightness));
    if (isDimmed(current, now() - this.#seenAt, new Date())) screen.dataset.dimmed = 'true';
    else delete screen.dataset.dimmed;
  }

  #shift({ pixelShift }: CareSettings): void {
    const { screen, now } = this.#deps;
    const moves = pixelShift && !this.#stillness.matches;
    const { x, y } = moves ? offsetAt(now() - this.#startedAt) : { x: 0, y: 0 };
    const unit = unitOf(Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
    screen.style.translate = x === 0 && y === 0 ? '' : `${x * unit}px ${y * unit}px`;
  }
}
