package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.QoS;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What one subscriber was told, in its order, and whether that is what it had to be told. */
final class Journal {
    private final SimulatedMachine machine;
    private final String name;
    private final Map<String, Integer> times = new HashMap<>();
    private final Set<String> inOrder = new LinkedHashSet<>(); // when it came for the first time

    Journal(SimulatedMachine machine, String name) {
        this.machine = machine;
        this.name = name;
    }

    void tell(Message message) {
        machine.tell(name + " is told: " + message.text());
        String told = Sent.asTold(message.topic(), message.text());
        times.merge(told, 1, Integer::sum);
        inOrder.add(told);
    }

    boolean holds(Sent message) {
        return inOrder.contains(message.asTold());
    }

    /** How many different ones. */
    int size() {
        return inOrder.size();
    }

    /**
     * All has come as its QoS says.
     *
     * @param isLost  those that were never sent
     * @param forgets whether the broker may have forgotten what it had taken
     */
    void check(List<Sent> sent, Predicate<Sent> isLost, boolean forgets) {
        for (Sent message : sent) {
            int came = times.getOrDefault(message.asTold(), 0);
            boolean needNotCome = forgets || message.failure().isPresent() || message.qos() == QoS.AT_MOST_ONCE;
            assertTrue(
                    came <= 1 || message.qos() == QoS.AT_LEAST_ONCE,
                    () -> message + " came to the " + name + " " + came + " times");
            assertTrue(came >= 1 || needNotCome, () -> message + " was acknowledged and never came to the " + name);
            assertTrue(came == 0 || !isLost.test(message), () -> message + " came to the " + name);
        }
        for (int topic = 0; topic < 2; topic++) {
            for (QoS qos : QoS.values()) {
                checkOrder(sent, "t/" + topic, qos);
            }
        }
    }

    /** For the first time in the order of the calls (§4.6). */
    private void checkOrder(List<Sent> sent, String topic, QoS qos) {
        List<String> called = sent.stream()
                .filter(message -> message.topic().equals(topic) && message.qos() == qos)
                .map(Sent::asTold)
                .filter(inOrder::contains)
                .toList();
        assertEquals(called, inOrder.stream().filter(called::contains).toList(), "to the " + name);
    }
}
