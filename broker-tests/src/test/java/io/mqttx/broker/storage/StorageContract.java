package io.mqttx.broker.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.RetainHandling;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UserProperty;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage does: {@link Storage} and {@link Change}, sentence by sentence. */
abstract class StorageContract {
    private static final long FOREVER = 0xFFFF_FFFFL;

    private Storage storage;

    /** A storage on what the one before has left; for the first of a test, on nothing. */
    abstract Storage open();

    @BeforeEach
    void openFirst() {
        storage = open();
    }

    @AfterEach
    void closeLast() {
        storage.close();
    }

    @Test
    void aNewStorageHasNothing() {
        assertEquals(new LoadedState(), LoadedState.of(storage));
    }

    @Test
    void aSessionIsKeptAsItWasPutLast() {
        apply(session(1));
        Kept.Session later = new Kept.Session(1, "ü", FOREVER, 1_700_000_000_000L);
        apply(new Change.SessionPut(later), new Change.SessionPut(new Kept.Session(2, "", 0, 0)));
        LoadedState state = reopened();
        assertEquals(Set.of(1L, 2L), state.sessions.keySet());
        assertEquals(later, state.sessions.get(1L).record());
        assertEquals(new Kept.Session(2, "", 0, 0), state.sessions.get(2L).record());
    }

    @Test
    void aSessionEndsWithAllThatBelongsToIt() {
        apply(
                session(1),
                session(2),
                subscribed(1, "a"),
                queued(message("t", 1), 1, 10),
                queued(message("t", 2), 1, 11));
        apply(new Change.Sent(1, 10, 1, 1), new Change.Received(1, 5), new Change.WillPut(1, will("w")));
        apply(queued(message("t", 3), 1, 12), new Change.SessionEnded(1));
        LoadedState state = reopened();
        assertEquals(Set.of(2L), state.sessions.keySet());
        assertEquals(List.of(), read(1, 10, 11, 12));
        apply(session(1));
        LoadedState.Session anew = reopened().sessions.get(1L);
        assertTrue(anew.subscriptions().isEmpty() && anew.queue().isEmpty(), "nothing of the old session comes back");
        assertTrue(anew.inFlight().isEmpty() && anew.received().isEmpty(), "nothing of the old session comes back");
        assertEquals(List.of(), anew.wills());
    }

    @Test
    void whatASessionThatBeginsAndEndsAtOnceHadIsNotThere() {
        apply(session(1), subscribed(1, "a"), queued(message("t", 1), 1, 10), new Change.SessionEnded(1), session(2));
        assertEquals(Set.of(2L), reopened().sessions.keySet());
    }

    @Test
    void aSubscriptionIsReplacedByOneWithTheSameFilter() {
        Kept.Subscribed first = new Kept.Subscribed(new Subscription(TopicFilter.of("a/+"), QoS.AT_MOST_ONCE), 0);
        Subscription full =
                new Subscription(TopicFilter.of("a/+"), QoS.EXACTLY_ONCE, true, true, RetainHandling.DO_NOT_SEND);
        Kept.Subscribed second = new Kept.Subscribed(full, 268_435_455);
        apply(session(1), new Change.Subscribed(1, first), subscribed(1, "$share/g/a/+"));
        apply(new Change.Subscribed(1, second));
        assertEquals(
                Map.of(
                        TopicFilter.of("a/+"),
                        second,
                        TopicFilter.of("$share/g/a/+"),
                        subscribed(1, "$share/g/a/+").subscribed()),
                reopened().only().subscriptions());
    }

    @Test
    void aSubscriptionEnds() {
        apply(session(1), subscribed(1, "a"), subscribed(1, "b"));
        apply(new Change.Unsubscribed(1, TopicFilter.of("a")), new Change.Unsubscribed(1, TopicFilter.of("c")));
        assertEquals(
                Set.of(TopicFilter.of("b")), reopened().only().subscriptions().keySet());
    }

    @Test
    void aWillTakesThePlaceOfTheOneBefore() {
        apply(session(1), new Change.WillPut(1, will("first")));
        apply(new Change.WillPut(1, will("second")));
        assertEquals(List.of(will("second")), reopened().only().wills());
    }

    @Test
    void aWillIsCleared() {
        apply(session(1), session(2), new Change.WillPut(1, will("w")), new Change.WillPut(2, will("w")));
        apply(new Change.WillCleared(1));
        LoadedState state = reopened();
        assertEquals(List.of(), state.sessions.get(1L).wills());
        assertEquals(List.of(will("w")), state.sessions.get(2L).wills());
    }

    @Test
    void theQueueIsToldBySequenceNumberWithTheSizeOfTheMessages() {
        Kept.Message message = rich();
        apply(session(1));
        apply(queued(message, 1, 300), queued(message("t", 1), 1, 70_000));
        apply(new Change.Queued(message("t", 2), List.of(new Change.Receiver(1, 5, uncounted()))));
        Kept.Terms shared = new Kept.Terms(QoS.AT_LEAST_ONCE, false, true, new int[0], "$share/g/t");
        apply(new Change.Queued(message("t", 3), List.of(new Change.Receiver(1, 80_000, shared))));
        int small = message("t", 1).bytes();
        assertEquals(
                List.of(
                        new LoadedState.Waiting(5, false, false, small),
                        new LoadedState.Waiting(300, true, false, message.bytes()),
                        new LoadedState.Waiting(70_000, true, false, small),
                        new LoadedState.Waiting(80_000, true, true, small)),
                reopened().only().queue());
    }

    @Test
    void messagesAreReadInTheOrderAskedForAndThoseThatAreNotThereLeftOut() {
        apply(
                session(1),
                session(2),
                queued(message("t", 1), 1, 1),
                queued(rich(), 1, 2),
                queued(message("t", 3), 1, 3));
        assertEquals(List.of(entry(3, message("t", 3)), entry(1, message("t", 1))), read(1, 3, 9, 1));
        reopened();
        assertEquals(List.of(entry(2, rich()), entry(3, message("t", 3))), read(1, 2, 3));
        assertEquals(List.of(), read(2, 1, 2, 3));
        assertEquals(List.of(), read(3, 1));
        assertEquals(List.of(), read(1));
    }

    @Test
    void aReadKnowsOfAllThatWasAppliedBefore() throws Exception {
        apply(session(1));
        for (int i = 1; i <= 500; i++) {
            storage.apply(List.of(queued(message("t", i), 1, i)));
            CompletableFuture<List<Kept.Entry>> there =
                    storage.read(1, new long[] {i, i - 1}).toCompletableFuture();
            storage.apply(List.of(new Change.Sent(1, i, 1, i), new Change.Completed(1, i, 1)));
            CompletableFuture<List<Kept.Entry>> gone =
                    storage.read(1, new long[] {i}).toCompletableFuture();
            assertFalse(there.get(10, TimeUnit.SECONDS).size() > 1, "the one before was completed before the call");
            assertEquals(List.of(), gone.get(10, TimeUnit.SECONDS));
            storage.apply(List.of(queued(message("u", i), 1, 1000 + i)));
            assertEquals(List.of(entry(1000 + i, message("u", i))), read(1, 1000 + i));
        }
    }

    @Test
    void oneMessageIsReadByEachOfItsReceiversOnTheirOwnTerms() {
        Kept.Terms shared = new Kept.Terms(QoS.EXACTLY_ONCE, true, false, new int[] {1, 268_435_455}, "$share/g/t");
        apply(session(1), session(2), session(3));
        apply(new Change.Queued(
                rich(),
                List.of(
                        new Change.Receiver(1, 11, terms()),
                        new Change.Receiver(2, 12, shared),
                        new Change.Receiver(3, 13, terms()))));
        reopened();
        assertEquals(List.of(new Kept.Entry(12, rich(), shared)), read(2, 12));
        apply(new Change.Dequeued(1, 11));
        apply(new Change.SessionEnded(2));
        reopened();
        assertEquals(List.of(), read(1, 11));
        assertEquals(List.of(entry(13, rich())), read(3, 13));
        apply(new Change.Completed(3, 13, 1));
        reopened();
        assertEquals(List.of(), read(3, 13));
    }

    @Test
    void aMessageIsQueuedForThoseSessionsThatAreThere() {
        apply(session(2));
        apply(new Change.Queued(
                message("t", 1), List.of(new Change.Receiver(1, 1, terms()), new Change.Receiver(2, 2, terms()))));
        apply(session(1));
        LoadedState state = reopened();
        assertEquals(List.of(), state.sessions.get(1L).queue());
        assertEquals(List.of(entry(2, message("t", 1))), read(2, 2));
    }

    @Test
    void messagesInFlightAreToldWholeInTheOrderInWhichTheyWereSent() {
        apply(session(1), queued(message("t", 1), 1, 1), queued(rich(), 1, 2), queued(message("t", 3), 1, 3));
        apply(new Change.Sent(1, 3, 7, 100), new Change.Sent(1, 1, 65_535, 101));
        apply(new Change.Sent(1, 2, 1, 102));
        LoadedState.Session state = reopened().only();
        assertEquals(
                List.of(
                        inFlight(7, 100, entry(3, message("t", 3))),
                        inFlight(65_535, 101, entry(1, message("t", 1))),
                        inFlight(1, 102, entry(2, rich()))),
                state.inFlight());
        assertEquals(List.of(), state.queue());
    }

    @Test
    void ofAReleasedMessageTheIdentifierIsLeftInTheOrderOfTheReleases() {
        apply(session(1));
        for (int i = 1; i <= 4; i++) {
            apply(queued(message("t", i), 1, i), new Change.Sent(1, i, 10 + i, i));
        }
        apply(new Change.Released(1, 3, 13, 5), new Change.Released(1, 1, 11, 6));
        LoadedState.Session state = reopened().only();
        assertEquals(
                List.of(
                        inFlight(12, 2, entry(2, message("t", 2))),
                        inFlight(14, 4, entry(4, message("t", 4))),
                        inFlight(13, 5),
                        inFlight(11, 6)),
                state.inFlight());
        assertEquals(List.of(), read(1, 1, 3));
        apply(new Change.Completed(1, 0, 13), new Change.Completed(1, 2, 12));
        assertEquals(
                List.of(inFlight(14, 4, entry(4, message("t", 4))), inFlight(11, 6)),
                reopened().only().inFlight());
    }

    @Test
    void aMessageThatWasSentReleasedAndCompletedIsGone() {
        apply(session(1), queued(message("t", 1), 1, 1));
        apply(new Change.Sent(1, 1, 1, 1), new Change.Released(1, 1, 1, 2), new Change.Completed(1, 0, 1));
        LoadedState.Session state = reopened().only();
        assertEquals(List.of(), state.inFlight());
        assertEquals(List.of(), state.queue());
    }

    @Test
    void identifiersThatWereTakenOverAreKeptUntilTheClientReleasesThem() {
        apply(session(1), new Change.Received(1, 65_535), new Change.Received(1, 1), new Change.Received(1, 2));
        apply(new Change.Concluded(1, 1), new Change.Concluded(1, 9), new Change.Received(1, 2));
        assertEquals(Set.of(2, 65_535), reopened().only().received());
        apply(new Change.Concluded(1, 2), new Change.Received(1, 2), new Change.Concluded(1, 65_535));
        assertEquals(Set.of(2), reopened().only().received());
    }

    @Test
    void whatComesLateIsNoChange() {
        List<Change> late = List.of(
                subscribed(1, "a"),
                new Change.Unsubscribed(1, TopicFilter.of("a")),
                new Change.WillPut(1, will("w")),
                new Change.WillCleared(1),
                queued(message("t", 1), 1, 1),
                queued(rich(), 1, 9),
                new Change.Dequeued(1, 2),
                new Change.Sent(1, 1, 1, 1),
                new Change.Released(1, 1, 1, 2),
                new Change.Completed(1, 3, 1),
                new Change.Completed(1, 0, 1),
                new Change.Received(1, 1),
                new Change.Concluded(1, 1),
                new Change.SessionEnded(1));
        storage.apply(late);
        apply(session(1), new Change.SessionEnded(1));
        storage.apply(late);
        apply(session(2));
        LoadedState state = reopened();
        assertEquals(Set.of(2L), state.sessions.keySet());
        apply(session(1));
        assertEquals(session(1).session(), reopened().sessions.get(1L).record());
        assertEquals(List.of(), reopened().sessions.get(1L).queue());
    }

    @Test
    void aMessageThatIsNotThereIsNeitherSentNorReleased() {
        apply(session(1), new Change.Sent(1, 7, 1, 1), new Change.Released(1, 8, 2, 2));
        apply(queued(message("t", 1), 1, 9), new Change.Dequeued(1, 9));
        apply(new Change.Sent(1, 9, 3, 3), new Change.Released(1, 9, 3, 4), new Change.Completed(1, 9, 3));
        assertEquals(List.of(), reopened().only().inFlight());
    }

    @Test
    void aRetainedMessageIsReplacedAndCleared() {
        apply(new Change.RetainedPut(message("a", 1)), new Change.RetainedPut(message("b", 1)));
        Kept.Message later = new Kept.Message("", rich().publish().withTopic(TopicName.of("a")), 7);
        apply(new Change.RetainedPut(later), new Change.RetainedCleared(TopicName.of("b")));
        apply(new Change.RetainedCleared(TopicName.of("c")), new Change.RetainedPut(message("d", 1)));
        assertEquals(
                Map.of(
                        TopicName.of("a"),
                        LoadedState.plain(later),
                        TopicName.of("d"),
                        LoadedState.plain(message("d", 1))),
                reopened().retained);
    }

    @Test
    void nothingToDoTellsWhenAllBeforeItIsSafe() {
        List<Integer> completed = Collections.synchronizedList(new ArrayList<>());
        storage.apply(List.of(session(1))).thenRun(() -> completed.add(1));
        join(storage.apply(List.of()).thenRun(() -> completed.add(2)).toCompletableFuture());
        assertEquals(List.of(1, 2), completed);
    }

    @Test
    void stagesCompleteInTheOrderOfTheCalls() {
        apply(session(1));
        List<Integer> completed = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<Void>> stages = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            int number = i;
            List<Change> changes = i % 3 == 0 ? List.of() : List.of(queued(message("t", i), 1, i + 1));
            stages.add(
                    storage.apply(changes).thenRun(() -> completed.add(number)).toCompletableFuture());
        }
        stages.forEach(StorageContract::join);
        assertEquals(IntStream.range(0, 2000).boxed().toList(), completed);
    }

    @Test
    void manyThreadsApplyAtOnceAndNothingIsLost() throws Exception {
        int threads = 4;
        int each = 500;
        List<Thread> running = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int session = t + 1;
            running.add(new Thread(() -> {
                storage.apply(List.of(session(session)));
                CompletableFuture<Void> last = new CompletableFuture<>();
                for (int i = 0; i < each; i++) {
                    long sequence = (long) i * threads + session;
                    last = storage.apply(List.of(queued(message("t", i), session, sequence)))
                            .toCompletableFuture();
                }
                join(last);
            }));
        }
        running.forEach(Thread::start);
        for (Thread thread : running) {
            thread.join(30_000);
        }
        LoadedState state = reopened();
        for (long session = 1; session <= threads; session++) {
            long first = session;
            assertEquals(
                    LongStream.range(0, each)
                            .map(i -> i * threads + first)
                            .boxed()
                            .toList(),
                    state.sessions.get(session).queue().stream()
                            .map(LoadedState.Waiting::sequence)
                            .toList());
        }
    }

    @Test
    void whatWaitsWhenTheStorageIsClosedIsKept() {
        storage.apply(List.of(session(1)));
        for (int i = 1; i <= 1000; i++) {
            storage.apply(List.of(queued(message("t", i), 1, i)));
        }
        assertEquals(1000, reopened().only().queue().size());
    }

    @Test
    void aMessageOfManyMegabytesIsKept() {
        byte[] payload = new byte[20 << 20];
        payload[payload.length - 1] = 7;
        Publish large = new Publish(QoS.AT_LEAST_ONCE, false, TopicName.of("t"), 1, ByteBuffer.wrap(payload));
        Kept.Message message = new Kept.Message("p", large, 1);
        apply(session(1), queued(message, 1, 1), new Change.RetainedPut(message));
        LoadedState state = reopened();
        assertEquals(message, state.retained.get(TopicName.of("t")));
        assertEquals(
                List.of(new LoadedState.Waiting(1, true, false, message.bytes())),
                state.only().queue());
        assertEquals(List.of(entry(1, message)), read(1, 1));
    }

    @Test
    void aStorageThatIsWellHasNoTroubleAndSaysWhatItIs() {
        apply(session(1));
        assertTrue(storage.trouble().isEmpty());
        assertFalse(storage.description().isBlank());
        assertTrue(storage.keeps());
    }

    // ---- the words of the tests

    final Storage storage() {
        return storage;
    }

    final void apply(Change... changes) {
        join(storage.apply(List.of(changes)).toCompletableFuture());
    }

    /** Closes the storage, opens it again, and tells what it hands out. */
    final LoadedState reopened() {
        storage.close();
        storage = open();
        return LoadedState.of(storage);
    }

    final List<Kept.Entry> read(long session, long... sequences) {
        return join(storage.read(session, sequences).toCompletableFuture()).stream()
                .map(LoadedState::plain)
                .toList();
    }

    static <T> T join(CompletableFuture<T> stage) {
        return stage.orTimeout(30, TimeUnit.SECONDS).join();
    }

    static Change.SessionPut session(long key) {
        return new Change.SessionPut(new Kept.Session(key, "client" + key, FOREVER, 0));
    }

    static Change.Subscribed subscribed(long session, String filter) {
        return new Change.Subscribed(
                session, new Kept.Subscribed(new Subscription(TopicFilter.of(filter), QoS.AT_LEAST_ONCE), 0));
    }

    static Change.Queued queued(Kept.Message message, long session, long sequence) {
        return new Change.Queued(message, List.of(new Change.Receiver(session, sequence, terms())));
    }

    static Kept.Terms terms() {
        return new Kept.Terms(QoS.AT_LEAST_ONCE, false, true, new int[0], "");
    }

    private static Kept.Terms uncounted() {
        return new Kept.Terms(QoS.AT_LEAST_ONCE, false, false, new int[0], "");
    }

    static Kept.Entry entry(long sequence, Kept.Message message) {
        return new Kept.Entry(sequence, LoadedState.plain(message), terms());
    }

    private static LoadedState.InFlight inFlight(int packetId, long order, Kept.Entry entry) {
        return new LoadedState.InFlight(packetId, order, Optional.of(entry));
    }

    private static LoadedState.InFlight inFlight(int packetId, long order) {
        return new LoadedState.InFlight(packetId, order, Optional.empty());
    }

    static Kept.Message message(String topic, int number) {
        ByteBuffer payload = ByteBuffer.wrap(("message " + number).getBytes(UTF_8));
        return new Kept.Message("p", new Publish(QoS.AT_LEAST_ONCE, false, TopicName.of(topic), 1, payload), number);
    }

    /** A message with everything that one can have. */
    private static Kept.Message rich() {
        Properties properties = Properties.builder()
                .add(Property.MESSAGE_EXPIRY_INTERVAL, 4_294_967_295L)
                .add(Property.CONTENT_TYPE, "text/plain")
                .add(Property.USER_PROPERTY, new UserProperty("key", "välue"))
                .add(Property.USER_PROPERTY, new UserProperty("key", ""))
                .build();
        ByteBuffer payload = ByteBuffer.wrap(new byte[5000]);
        return new Kept.Message(
                "pü",
                new Publish(false, QoS.EXACTLY_ONCE, true, TopicName.of("a/ü/c"), 1, properties, payload),
                Long.MAX_VALUE);
    }

    private static Kept.Will will(String text) {
        Publish message =
                new Publish(QoS.AT_MOST_ONCE, true, TopicName.of("will"), 0, ByteBuffer.wrap(text.getBytes(UTF_8)));
        return new Kept.Will("c", "user", message, 30, 1_700_000_000_000L);
    }
}
