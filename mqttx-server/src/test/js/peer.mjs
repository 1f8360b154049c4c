// MQTT.js at the end of a pipe, for tests in Java. A line in is a command, a line out its answer or a message:
//
//   connect N CLIENT VERSION URL CLEAN CAFILE|- WILLTOPIC|-    ok N SESSIONPRESENT
//   subscribe N CLIENT FILTER QOS                             ok N GRANTED
//   unsubscribe N CLIENT FILTER                               ok N -
//   publish N CLIENT TOPIC QOS RETAIN PAYLOAD                 ok N -          when acknowledged as its QoS wants
//   disconnect N CLIENT | break N CLIENT                      ok N -
//                                                             error N WHAT
//                                                             message CLIENT TOPIC QOS RETAIN PAYLOAD
//
// Payloads are base64 behind a "=", so that an empty one is a word too.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import mqtt from 'mqtt';

const clients = new Map();

function optionsFor(client, version, clean, ca, will) {
    const options = {
        clientId: client,
        protocolVersion: Number(version),
        protocolId: version === '3' ? 'MQIsdp' : 'MQTT',
        clean: clean === 'true',
        reconnectPeriod: 0,
        connectTimeout: 20_000,
    };
    if (version === '5' && !options.clean) {
        options.properties = { sessionExpiryInterval: 60 };
    }
    if (ca !== '-') {
        options.ca = readFileSync(ca);
    }
    if (will !== '-') {
        options.will = { topic: will, payload: Buffer.from('dead'), qos: 2, retain: false };
    }
    return options;
}

function connect(name, version, url, clean, ca, will) {
    return new Promise((resolve, reject) => {
        const client = mqtt.connect(url, optionsFor(name, version, clean, ca, will));
        clients.set(name, client);
        client.on('error', reject);
        client.on('connect', (ack) => resolve(ack.sessionPresent));
        client.on('message', (topic, payload, packet) => say('message', name, topic, packet.qos, packet.retain,
            '=' + payload.toString('base64')));
    });
}

const commands = {
    connect,
    subscribe: async (name, filter, qos) =>
        (await clients.get(name).subscribeAsync(filter, { qos: Number(qos) }))[0].qos,
    unsubscribe: (name, filter) => clients.get(name).unsubscribeAsync(filter),
    publish: (name, topic, qos, retain, payload) => clients.get(name)
        .publishAsync(topic, Buffer.from(payload.slice(1), 'base64'), { qos: Number(qos), retain: retain === 'true' }),
    disconnect: (name) => clients.get(name).endAsync(),
    break: async (name) => { clients.get(name).stream.destroy(); },
};

function say(...words) {
    process.stdout.write(words.join(' ') + '\n');
}

createInterface({ input: process.stdin }).on('line', async (line) => {
    const [command, number, ...words] = line.split(' ');
    try {
        const result = await commands[command](...words);
        say('ok', number, typeof result === 'object' || result === undefined ? '-' : result);
    } catch (error) {
        say('error', number, String(error).replaceAll('\n', ' '));
    }
}).on('close', () => process.exit(0));
