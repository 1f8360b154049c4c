package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.ConnAck;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What of a story is about a broker that lets in who knows the password: again now and then, and nobody else. */
final class Logins {
    private final List<Throwable> failures = new ArrayList<>();
    private int begun;
    private int accepted;
    private boolean lateFailures; // some waited for an answer that could not come: the connection had gone before
    private boolean intruderIsIn;
    private boolean intruderGaveUp;

    /** Of a client that has a wrong password. */
    final class Intruder implements ClientHandler {
        @Override
        public void onConnected(MqttClient client, ConnAck connAck) {
            intruderIsIn = true;
        }

        @Override
        public void onGivenUp(MqttClient client, DisconnectReason reason) {
            intruderGaveUp = reason.cause() == DisconnectReason.Cause.REFUSED;
        }
    }

    /** Proves once more who this client is (§4.12.1). */
    void again(MqttClient client) {
        begun++;
        long connection = client.counters().connections();
        CompletableFuture<Void> ignored = client.authenticateAgain().whenComplete((nothing, why) -> {
            if (why == null) {
                accepted++;
            } else {
                failures.add(why.getCause()); // it comes through another future
                lateFailures |= why.getCause() instanceof RequestTimeoutException
                        && client.counters().connections() > connection;
            }
        });
    }

    int accepted() {
        return accepted;
    }

    boolean isIntruderGone() {
        return intruderGaveUp;
    }

    void check() {
        assertEquals(false, intruderIsIn, "a wrong password opens");
        assertEquals(begun, accepted + failures.size(), "each re-authentication ends");
        assertEquals(false, lateFailures, "a re-authentication outlives its connection");
        for (Throwable why : failures) {
            assertTrue(
                    why instanceof NotConnectedException
                            || why instanceof RequestTimeoutException
                            || why instanceof FlowControlException, // another one is under way
                    why::toString);
        }
    }
}
