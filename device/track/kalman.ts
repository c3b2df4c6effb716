/**
 * A Kalman filter (Kalman 1960) for one coordinate of an object that moves and slows down: position and velocity, where
 * the velocity decays with a time constant (an Ornstein-Uhlenbeck process). Unlike in the usual constant-velocity
 * model, the uncertainty of the velocity is bounded. So neither long gaps nor long runs make it diverge, and a hidden
 * face is not predicted out of the picture. Time steps may have any length: two of 50 ms equal one of 100 ms.
 */
export interface AxisState {
  readonly position: number;
  /** Per second. */
  readonly velocity: number;
  /** Covariance of position and velocity. */
  readonly pp: number;
  readonly pv: number;
  readonly vv: number;
}

/** How the coordinate moves. */
export interface AxisModel {
  /** Time constant of the velocity, in seconds: 1/e is left after it. */
  readonly memory: number;
  /** Prior standard deviation of the velocity, per second. */
  readonly speed: number;
}

/** State after the first measurement: the position is known, the velocity has its prior. */
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
