package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Flow;

/** A subscriber of a stream that asks for a little now and then, and minds whether it gets more. */
final class SlowReader implements Flow.Subscriber<Message> {
    private final SimulatedMachine machine;
    private final Random random;
    private final Journal journal;
    private final List<String> faults = new ArrayList<>();
    private Optional<Flow.Subscription> subscription = Optional.empty();
    private long asked; // messages
    private long got;
    private boolean told; // a signal is being told
    private boolean over;
    private boolean failed;

    SlowReader(SimulatedMachine machine, Random random, Journal journal) {
        this.machine = machine;
        this.random = random;
        this.journal = journal;
    }

    /** The thread that asks. */
    void ask() {
        while (!over) {
            machine.pause(random.nextInt(300));
            if (subscription.isPresent() && !over) {
                request();
            }
        }
    }

    private void request() {
        int more = 1 + random.nextInt(3);
        asked += more;
        subscription.orElseThrow().request(more);
    }

    @Override
    public void onSubscribe(Flow.Subscription next) {
        require(subscription.isEmpty(), "onSubscribe twice");
        subscription = Optional.of(next);
        if (random.nextBoolean()) {
            request();
        }
    }

    @Override
    public void onNext(Message message) {
        require(!told, "two signals at once [§1.3]");
        require(subscription.isPresent(), "onNext before onSubscribe [§1.9]");
        require(!over, "onNext behind the end [§1.7]");
        require(got < asked, "more than was asked for [§1.1]");
        told = true;
        got++;
        journal.tell(message);
        int care = random.nextInt(10);
        if (care == 0) {
            machine.pause(random.nextInt(50)); // others have their turn meanwhile
        } else if (care == 1) {
            request();
        }
        told = false;
    }

    @Override
    public void onError(Throwable why) {
        failed = true;
        onComplete();
    }

    @Override
    public void onComplete() {
        require(!told, "two signals at once [§1.3]");
        require(!over, "two ends [§1.7]");
        over = true;
    }

    /** Whether the stream has ended, one way or the other. */
    boolean isOver() {
        return over;
    }

    /** Everything was as Reactive Streams says, and at the end the client was closed. */
    void check() {
        assertEquals(List.of(), faults);
        assertEquals(true, over && !failed, "the stream completes when its client is closed");
    }

    private void require(boolean isSo, String otherwise) {
        if (!isSo) {
            faults.add(otherwise);
        }
    }
}
