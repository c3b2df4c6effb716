import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Series of a device that the dashboards query; {n} counts up. */
const page = `
mien_health_status{status="ok"} 1
mien_health_status{status="degraded"} 0
mien_fault{part="camera",code="camera.lost"} 1
mien_mqtt_state{state="connected"} 1
mien_frames_total{outcome="processed"} {n}
mien_frame_latency_seconds_bucket{le="0.1"} {n}
mien_frame_latency_seconds_bucket{le="+Inf"} {n}
mien_temperature_celsius 48.5
mien_process_private_bytes{process="daemon"} 51000000
mien_process_written_bytes_total{process="daemon"} {n}
mien_outbox_waiting_records 0
mien_outbox_oldest_age_seconds 0
mien_outbox_lost_total 0
`;

/** Answers as the /metrics of one device, for queries about devices. */
export class DeviceMetrics {
  readonly #server: Server;
  #scrapes = 0;

  constructor() {
    this.#server = createServer((_, response) => {
      this.#scrapes++;
      response
        .setHeader('content-type', 'text/plain; version=0.0.4')
        .end(page.trimStart().replaceAll('{n}', String(this.#scrapes * 10)));
    });
  }

  /** @returns the port on 127.0.0.1 */
  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
