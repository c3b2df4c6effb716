/**
 * ONNX Runtime without its telemetry, for the vision process and the offline commands only: an inference blocks the event
 * loop. Everything imports it from here and nothing imports the package itself (unasked.test.ts).
 */
import './no-telemetry.ts';

export * from 'onnxruntime-node';
