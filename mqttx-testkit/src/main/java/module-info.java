/** Tests without sockets, threads or waiting, for who builds on the broker. Start at {@link io.mqttx.testkit}. */
module io.mqttx.testkit {
    requires transitive io.mqttx.broker;
    requires transitive java.logging;

    exports io.mqttx.testkit;
}
