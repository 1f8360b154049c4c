package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.options;
import static io.mqttx.broker.TestBroker.to;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.QoS;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.testkit.SimulatedStorage;
import java.time.Duration;
import java.util.List;

/** A broker whose disk the test moves, and which is gone when the test says so. */
abstract class BrokerOnDisk {
    static final HandlerFactory ALLOW_ALL = client -> BrokerHandler.allowAll();

    final ManualLoops loops = new ManualLoops(3);
    SimulatedStorage storage = new SimulatedStorage().syncAfter(loops.all().get(0), 0);
    TestBroker broker = new TestBroker(storage, options(), ALLOW_ALL, loops);

    void start(BrokerOptions.Builder options, HandlerFactory handlers) {
        broker = new TestBroker(storage, options, handlers, loops);
        loops.run();
    }

    /** The process is gone, and another one begins with what was on the disk. */
    void crash() {
        crash(options());
    }

    void crash(BrokerOptions.Builder options) {
        loops.forgetEverything();
        storage = storage.crash();
        storage.syncAfter(loops.all().get(0), 0);
        start(options, ALLOW_ALL);
    }

    /** From now on nothing is safe until {@link #diskWorks}. */
    void diskStops() {
        storage.syncAfter(loops.all().get(0), Duration.ofDays(1).toNanos());
    }

    void diskWorks() {
        storage.syncAll();
        storage.syncAfter(loops.all().get(0), 0);
        loops.run();
    }

    static Connect persistent(String clientId) {
        return new Connect(V5, clientId, false)
                .withKeepAlive(0)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 3600L));
    }

    MemoryClient subscriber(String clientId, QoS qos) {
        MemoryClient client = broker.connect(persistent(clientId));
        broker.subscribe(client, to("t/#", qos));
        return client;
    }

    void leave(MemoryClient client) {
        client.close();
        loops.run();
    }

    static List<PacketType> types(List<Packet> packets) {
        return packets.stream().map(Packet::type).toList();
    }
}
