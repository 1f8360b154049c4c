package io.mqttx.benchmarks.broker;

import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.InboundTerms;
import io.mqttx.protocol.flow.SessionFlows;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** A window of messages through the state machines of QoS 1 and 2, both ways; the time is that of one message. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 7, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class FlowBenchmark {
    private static final int WINDOW = 16;

    @Param({"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    QoS qos;

    private final SessionFlows<String> flows = new SessionFlows<>();
    private final Publish[] incoming = new Publish[WINDOW];
    private final int[] sent = new int[WINDOW];
    private final Sink sink = new Sink();

    /** Connects. */
    @Setup
    public void setUp() {
        for (int i = 0; i < WINDOW; i++) {
            incoming[i] = new Publish(
                    false, qos, false, TopicName.of("a/b"), 1 + i, Properties.EMPTY, ByteBuffer.wrap(new byte[16]));
        }
        flows.resume(WINDOW, InboundTerms.of(ProtocolVersion.V5), sink);
    }

    /** From the broker to a client, which answers when all are sent. */
    @Benchmark
    @OperationsPerInvocation(WINDOW)
    public void outbound(Blackhole to) {
        sink.to = to;
        for (int i = 0; i < WINDOW; i++) {
            sent[i] = flows.outbound().publish("message", qos, sink);
        }
        for (int id : sent) {
            if (qos == QoS.AT_LEAST_ONCE) {
                flows.outbound().received(new PubAck(id), sink);
            } else {
                flows.outbound().received(new PubRec(id), sink);
            }
        }
        if (qos == QoS.EXACTLY_ONCE) {
            for (int id : sent) {
                flows.outbound().received(new PubComp(id), sink);
            }
        }
        if (flows.outbound().inFlight() != 0) {
            throw new IllegalStateException("still in flight");
        }
    }

    /** From a client to the broker, which accepts at once. */
    @Benchmark
    @OperationsPerInvocation(WINDOW)
    public void inbound(Blackhole to) {
        sink.to = to;
        for (Publish publish : incoming) {
            flows.inbound().received(publish, sink);
            flows.inbound().accepted(publish.packetId(), ReasonCode.SUCCESS, sink);
        }
        if (qos == QoS.EXACTLY_ONCE) {
            for (Publish publish : incoming) {
                flows.inbound().received(new PubRel(publish.packetId()), sink);
            }
        }
        if (flows.inbound().inFlight() != 0) {
            throw new IllegalStateException("still in flight");
        }
    }

    /** Does nothing, of which the compiler does not know. */
    private static final class Sink implements ActionSink<String> {
        private Blackhole to; // that of the invocation

        @Override
        public void send(Packet packet) {
            to.consume(packet);
        }

        @Override
        public void sendMessage(String message, QoS qos, int packetId, boolean dup) {
            to.consume(packetId);
        }

        @Override
        public void deliver(Publish message) {
            to.consume(message);
        }

        @Override
        public void handle(Packet packet) {
            to.consume(packet);
        }

        @Override
        public boolean persists() {
            return false;
        }

        @Override
        public void persist(FlowChange<String> change) {
            throw new IllegalStateException("nothing is kept");
        }

        @Override
        public void complete(int packetId, ReasonCode reason) {
            to.consume(packetId);
        }

        @Override
        public void close(ReasonCode reason, String detail) {
            throw new IllegalStateException(detail);
        }
    }
}
