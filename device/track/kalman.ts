/**
 * A Kalman filter (Kalman 1960) for one coordinate of something that moves on and slows down by itself: position and velocity,
 * where the velocity forgets itself with a time constant (an Ornstein-Uhlenbeck process). Unlike the usual constant-velocity
 * model its uncertainty about the velocity has a bound, so neither long gaps nor long runs make it diverge, and who is not seen
 * is not predicted out of the picture. Time steps may be of any length: two of 50 ms are exactly one of 100 ms.
 */
export interface AxisState {
  readonly position: number;
  /** Per second. */
  readonly velocity: number;
  /** The covariance of both. */
  readonly pp: number;
  readonly pv: number;
  readonly vv: number;
}

/** How the coordinate moves. */
export interface AxisModel {
  /** Seconds after which 1/e of a velocity is left. */
  readonly memory: number;
  /** Standard deviation of the velocity of somebody of whom nothing is known, per second. */
  readonly speed: number;
}

/** Seen once: the position is known, of the velocity only what is usual. */
export function startAxis(position: number, variance: number, { speed }: AxisModel): AxisState {
  return { position, velocity: 0, pp: variance, pv: 0, vv: speed * speed };
}

/** @param seconds since the state, 0 or more */
export function predictAxis(state: AxisState, { memory, speed }: AxisModel, seconds: number): AxisState {
  const kept = Math.exp(-seconds / memory);
  const reach = memory * (1 - kept);
  const { position, velocity, pp, pv, vv } = state;
  const usual = speed * speed;
  return {
    position: position + reach * velocity,
    velocity: kept * velocity,
    pp: pp + 2 * reach * pv + reach * reach * vv + usual * (2 * memory * (seconds - reach) - reach * reach),
    pv: kept * (pv + reach * vv) + usual * reach * (1 - kept),
    vv: kept * kept * vv + usual * (1 - kept * kept),
  };
}

/** @param variance of the measurement, above 0 */
export function correctAxis(state: AxisState, measured: number, variance: number): AxisState {
  const { position, velocity, pp, pv, vv } = state;
  const total = pp + variance;
  const innovation = measured - position;
  return {
    position: position + (pp / total) * innovation,
    velocity: velocity + (pv / total) * innovation,
    pp: (pp * variance) / total,
    pv: (pv * variance) / total,
    vv: vv - (pv * pv) / total,
  };
}
