package io.mqttx.server.crash;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A client that is a thread of its own, and comes back as soon as there is a broker again. */
abstract class Player extends Thread {
    private static final long EXPIRY = 3600; // seconds that sessions live

    final String id;
    final ProtocolVersion version;
    final Scene scene;
    final Random random;
    private boolean hasSession; // the broker has said so

    /** What the players share with who directs them. */
    static final class Scene {
        final Ledger ledger = new Ledger();
        volatile int port; // 0: no broker
        volatile boolean producing; // otherwise they finish what they began
        volatile boolean over;
        volatile boolean mayRefuse; // a full disk is part of the play
    }

    Player(String id, ProtocolVersion version, Scene scene, long seed) {
        super(id);
        this.id = id;
        this.version = version;
        this.scene = scene;
        this.random = new Random(seed * 31 + id.hashCode());
        setDaemon(true);
    }

    /** Whether it has nothing left to do. */
    abstract boolean isIdle();

    /** Its part, from CONNACK to the end of the connection. */
    abstract void talk(Wire wire) throws IOException;

    /** The broker knows nothing of an earlier connection. */
    void sessionBegins() {}

    boolean isPersistent() {
        return true;
    }

    /** Whether it wants to be connected now. */
    boolean wantsIn() {
        return true;
    }

    @Override
    public void run() {
        while (!scene.over) {
            int port = scene.port;
            if (port == 0 || !wantsIn()) {
                pause(5);
                continue;
            }
            try (Wire wire = Wire.open(port, connect())) {
                if (isLetIn(wire.greeting())) {
                    talk(wire);
                }
            } catch (IOException e) {
                pause(5 + random.nextInt(20));
            } catch (RuntimeException e) {
                scene.ledger.finding(id + " cannot go on: " + e);
                return;
            }
        }
    }

    void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            scene.over = true;
        }
    }

    private Connect connect() {
        Connect connect = new Connect(version, id, !isPersistent()).withKeepAlive(60);
        return version.hasProperties() && isPersistent()
                ? connect.withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, EXPIRY)
                        .with(Property.RECEIVE_MAXIMUM, 1 + random.nextInt(40)))
                : connect;
    }

    private boolean isLetIn(ConnAck ack) {
        if (ack.reason() != ReasonCode.SUCCESS) {
            if (!scene.mayRefuse) {
                scene.ledger.finding(id + " is not let in: " + ack);
            }
            pause(50);
            return false;
        }
        if (!ack.sessionPresent()) {
            if (hasSession) {
                scene.ledger.finding(id + " had a session, and the broker does not know it any more");
            }
            sessionBegins();
        }
        hasSession = isPersistent();
        scene.ledger.tell(id, "is let in", -1);
        return true;
    }
}
