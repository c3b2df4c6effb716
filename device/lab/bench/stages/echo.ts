/** The other end of the channel in the measurement of IPC: answers each message at once, as shortly as possible. */
process.on('message', () => process.send?.(0));
process.on('disconnect', () => process.exit(0));
