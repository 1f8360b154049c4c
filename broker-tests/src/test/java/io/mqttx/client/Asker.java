package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.QoS;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** Sends requests, and minds whose answers come. */
final class Asker {
    static final String TOPIC = "questions";

    private static final long SLACK = 1_000_000_000; // nanoseconds until a thread has its turn

    private final SimulatedMachine machine;
    private final Random random;
    private final MqttClient client;
    private final List<Asked> asked = new ArrayList<>();

    /** One request. */
    private static final class Asked {
        private final String question;
        private final long at;
        private final Duration timeout;
        private long endedAt = -1;
        private Optional<String> answer = Optional.empty();
        private Optional<Throwable> error = Optional.empty();

        Asked(String question, long at, Duration timeout) {
            this.question = question;
            this.at = at;
            this.timeout = timeout;
        }

        void ended(Message response, Throwable why, long now) {
            assertEquals(-1, endedAt, "it ends once");
            endedAt = now;
            answer = Optional.ofNullable(response).map(Message::text);
            error = Optional.ofNullable(why).map(Throwable::getCause); // it comes through another future
        }

        @Override
        public String toString() {
            return question + " in " + timeout + ", after " + (endedAt - at) + " ns: " + answer + error;
        }
    }

    Asker(SimulatedMachine machine, Random random, MqttClient client) {
        this.machine = machine;
        this.random = random;
        this.client = client;
    }

    /** What everybody is to say who is asked this. */
    static String answerTo(String question) {
        return "the answer to " + question;
    }

    void ask() {
        ask(Duration.ofMillis(1 + random.nextInt(5_000)));
    }

    /** Asks, and waits. Returns whether there was an answer. */
    boolean askAndWait() {
        Asked last = ask(Duration.ofSeconds(10));
        while (last.endedAt < 0) {
            machine.pause(50);
        }
        return last.answer.isPresent();
    }

    private Asked ask(Duration timeout) {
        Asked next = new Asked("question " + asked.size(), machine.now(), timeout);
        asked.add(next);
        machine.tell(next.question + " in " + timeout);
        byte[] payload = next.question.getBytes(StandardCharsets.UTF_8);
        CompletableFuture<Message> ignored = client.request(TOPIC, payload, QoS.of(random.nextInt(3)), timeout)
                .whenComplete((response, why) -> next.ended(response, why, machine.now()));
        return next;
    }

    /** Each request got its own answer, or the truth about why it did not, in time. */
    void check() {
        for (Asked one : asked) {
            long timeout = one.timeout.toNanos();
            long took = one.endedAt - one.at;
            assertTrue(one.endedAt >= 0 && took <= timeout + SLACK, () -> one + " had to end");
            one.answer.ifPresent(answer -> assertEquals(answerTo(one.question), answer));
            one.error.ifPresent(why -> assertTrue(isTrue(why, took, timeout), one::toString));
        }
    }

    private static boolean isTrue(Throwable why, long took, long timeout) {
        if (why instanceof RequestTimeoutException && why.getMessage().startsWith("no response")) {
            return took >= timeout;
        }
        return why instanceof RequestTimeoutException // the server did not answer SUBSCRIBE
                || why instanceof NotConnectedException
                || why instanceof FlowControlException
                || why instanceof MessageDroppedException;
    }
}
