import { type CareSettings, type Light, lightOf } from './dim.ts';
import { offsetAt, unitOf } from './shift.ts';

const lookEveryMs = 1000;

export interface CareDeps {
  /** The box that fills the screen. */
  readonly screen: HTMLElement;
  /** Undefined until the device has sent them. */
  readonly settings: () => CareSettings | undefined;
  /** Whether the page shows live pictures. */
  readonly isLive: () => boolean;
  /** Called after each change of the brightness. */
  readonly onLight: () => void;
  /** Monotonic ms. */
  readonly now: () => number;
}

/**
 * Protects a screen that shows the same page for years: the page is dimmed or black at night and while nobody is in view,
 * and moves by a pixel or two every few minutes.
 */
export class ScreenCare {
  readonly #deps: CareDeps;
  readonly #stillness = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #startedAt: number;
  #seenAt: number;
  #light: Light = 'full';

  constructor(deps: CareDeps) {
    this.#deps = deps;
    this.#startedAt = deps.now();
    this.#seenAt = this.#startedAt;
  }

  get light(): Light {
    return this.#light;
  }

  start(): void {
    for (const sign of ['pointerdown', 'pointermove', 'keydown']) addEventListener(sign, () => this.seen());
    setInterval(() => this.#look(), lookEveryMs);
  }

  /** Reports a person in view, or a touch: the page is bright at once. */
  seen(): void {
    this.#seenAt = this.#deps.now();
    this.#show('full');
  }

  #look(): void {
    const { screen, settings, isLive, now } = this.#deps;
    const current = settings();
    if (!current) return;
    this.#shift(current);
    screen.style.setProperty('--veil', String(1 - current.nightBrightness));
    this.#show(lightOf(current, { idleMs: now() - this.#seenAt, time: new Date(), isLive: isLive() }));
  }

  #show(light: Light): void {
    if (light === this.#light) return;
    this.#light = light;
    this.#deps.screen.dataset.light = light;
    this.#deps.onLight();
  }

  #shift({ pixelShift }: CareSettings): void {
    const { screen, now } = this.#deps;
    const moves = pixelShift && !this.#stillness.matches;
    const { x, y } = moves ? offsetAt(now() - this.#startedAt) : { x: 0, y: 0 };
    const unit = unitOf(Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
    screen.style.translate = x === 0 && y === 0 ? '' : `${x * unit}px ${y * unit}px`;
  }
}
