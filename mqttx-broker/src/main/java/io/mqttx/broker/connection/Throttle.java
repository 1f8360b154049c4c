package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerEvents.Limit;
import io.mqttx.broker.api.ClientRates.WhenExceeded;
import io.mqttx.broker.api.DisconnectReason.Cause;
import io.mqttx.broker.limits.Meter;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ReasonCode;
import java.util.Optional;

/** Holds a client that is in to the rates of the broker. On the client's loop. */
final class Throttle {
    private final Client client;
    private final Services services;
    private final Meter meter;
    private boolean refusing; // the packet at hand

    private Throttle(Client client, Services services, Meter meter) {
        this.client = client;
        this.services = services;
        this.meter = meter;
    }

    /** For a client that is in since now; none if it may send what it likes. */
    static Optional<Throttle> of(Client client, Services services) {
        if (!services.options().clientRates().isLimited()) {
            return Optional.empty();
        }
        boolean refusalsCanBeTold = client.connection().terms().version().hasProperties();
        Meter meter = new Meter(services.options().clientRates(), refusalsCanBeTold, now(client));
        return Optional.of(new Throttle(client, services, meter));
    }

    /** Whether the client has to wait before anything more of it is read, as it does from now on then. */
    boolean rests() {
        if (meter.whenExceeded() != WhenExceeded.SLOW_DOWN) {
            return false;
        }
        Optional<Limit> exceeded = meter.exceeded(true, now(client));
        if (exceeded.isPresent()) {
            services.events().limited(exceeded.get(), client.name());
            client.rest(meter.rest(now(client)));
        }
        return exceeded.isPresent();
    }

    /** Whether this packet is to be handled; otherwise the connection has ended. */
    boolean admits(Packet packet, int size) {
        boolean isMessage = packet.type() == PacketType.PUBLISH;
        Optional<Limit> exceeded = meter.exceeded(isMessage, now(client));
        refusing = false;
        if (exceeded.isPresent() && meter.whenExceeded() == WhenExceeded.REFUSE && isMessage) {
            services.events().limited(exceeded.get(), client.name());
            refusing = true;
            return true;
        }
        boolean leaving = packet.type() == PacketType.DISCONNECT; // as it should
        if (exceeded.isPresent() && meter.whenExceeded() == WhenExceeded.DISCONNECT && !leaving) {
            services.events().limited(exceeded.get(), client.name());
            client.disconnect(Cause.BY_SERVER, ReasonCode.MESSAGE_RATE_TOO_HIGH, Properties.EMPTY);
            return false;
        }
        meter.count(isMessage, size, now(client));
        return true;
    }

    /** Whether the message at hand is one too many, to be answered as such. */
    boolean isRefusing() {
        return refusing;
    }

    private static long now(Client client) {
        return client.link().loop().now(); // not the client's own clock, which stands while it rests
    }
}
