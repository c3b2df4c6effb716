// Settings of Node-RED, as settings.js of its user folder. The environment holds the login of the broker and of the editor:
// HUB_MQTT_HOST (the name in its certificate), HUB_MQTT_PORT, HUB_MQTT_CA, HUB_MQTT_USER (nodered), HUB_MQTT_PASSWORD,
// HUB_OFFLINE_S (e.g. 30), HUB_NODERED_PORT (e.g. 1880), HUB_NODERED_PASSWORD_HASH (node-red admin hash-pw).
const { HUB_NODERED_PORT, HUB_NODERED_PASSWORD_HASH } = process.env;

module.exports = {
  flowFile: 'flow.json',
  // Not encrypted: flow_cred.json holds names of environment variables only.
  credentialSecret: false,
  uiHost: '127.0.0.1',
  uiPort: Number(HUB_NODERED_PORT),
  adminAuth: {
    type: 'credentials',
    users: [{ username: 'admin', password: HUB_NODERED_PASSWORD_HASH, permissions: '*' }],
  },
  // In ms; the default is 15 s.
  mqttReconnectTime: 5000,
  // Visits that were seen and devices that were online survive a restart.
  contextStorage: { default: { module: 'localfilesystem' } },
  functionExternalModules: false,
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
