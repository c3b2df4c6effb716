/**
 * The parts of prom-client 15 that Mien loads. Its index would also load a client of a push gateway, the cluster module
 * and OpenTelemetry's API: 6 MB of memory for code that never runs.
 */
declare module 'prom-client/lib/registry.js' {
  import { Registry } from 'prom-client';
  export default Registry;
}
declare module 'prom-client/lib/gauge.js' {
  import { Gauge } from 'prom-client';
  export default Gauge;
}
declare module 'prom-client/lib/counter.js' {
  import { Counter } from 'prom-client';
  export default Counter;
}
