package io.mqttx.client;

import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** The third client of a story: takes the messages as a stream, slowly. */
final class Companion {
    private final SimulatedMachine machine;
    private final Random random;
    private final Subscription subscription;
    private final Journal told;
    private final MqttClient client;
    private SlowReader reader; // of the last try to begin
    private boolean granted;

    private final class Grants implements ClientEvents {
        @Override
        public void subscribeDone(
                MqttClient ofMine, List<Subscription> subscriptions, List<ReasonCode> reasons, Duration took) {
            granted |=
                    subscriptions.get(0).equals(subscription) && !reasons.get(0).isError();
        }
    }

    Companion(SimulatedMachine machine, Random random, String filter, Function<ClientEvents, MqttClient> clients) {
        this.machine = machine;
        this.random = random;
        this.subscription = new Subscription(TopicFilter.of(filter), QoS.EXACTLY_ONCE);
        this.told = new Journal(machine, "reader");
        this.reader = new SlowReader(machine, random, told);
        this.client = clients.apply(new Grants());
    }

    MqttClient client() {
        return client;
    }

    Journal told() {
        return told;
    }

    /** Begins to stream. Without a connection, or when that breaks, the stream fails: then again. */
    boolean begin() {
        granted = false;
        reader = new SlowReader(machine, random, told);
        client.stream(subscription, 1 + random.nextInt(8)).subscribe(reader);
        while (!granted && !reader.isOver()) {
            machine.pause(50);
        }
        machine.pause(1_000); // it may have failed before it was granted
        boolean begun = !reader.isOver();
        if (begun) {
            machine.start("demand", reader::ask);
        }
        return begun;
    }

    void check() {
        reader.check();
    }
}
