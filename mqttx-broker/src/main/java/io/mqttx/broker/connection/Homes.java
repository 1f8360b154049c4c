package io.mqttx.broker.connection;

import java.util.List;

/** Which loop a client belongs to: its identifier says so, for as long as its session lives. */
public final class Homes {
    private final List<Home> homes;

    /** These, one for each loop. */
    public Homes(List<Home> homes) {
        this.homes = List.copyOf(homes);
    }

    /** The home of this client. */
    public Home of(String clientId) {
        int hash = clientId.hashCode() * 0x9E37_79B9; // neighbouring names end in neighbouring hashes
        return homes.get(Math.floorMod(hash >>> 16, homes.size()));
    }

    /** All of them. */
    public List<Home> all() {
        return homes;
    }
}
