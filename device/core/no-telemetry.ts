/**
 * From 1.30 on ONNX Runtime reports to its maker: a persistent device id, the processor, the model's name and, several times
 * a minute, the number of inferences. It reads this variable while it is loaded, so this module comes before the library.
 * A module of its own, because imports run before the statements of the importing module.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
