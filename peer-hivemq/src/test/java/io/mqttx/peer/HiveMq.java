package io.mqttx.peer;

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.nio.file.Path;
import java.util.Optional;

/** Starts the server with a folder for its configuration and its data. It runs until it is ended. */
final class HiveMq {
    private HiveMq() {}

    public static void main(String[] folder) {
        EmbeddedHiveMQ server = EmbeddedHiveMQ.builder()
                .withConfigurationFolder(Path.of(folder[0]))
                .withDataFolder(Path.of(folder[0], "data"))
                .withExtensionsFolder(Path.of(folder[0], "extensions"))
                .withEmbeddedExtension(EmbeddedExtension.builder()
                        .withId("door")
                        .withName("door")
                        .withVersion("1")
                        .withExtensionMain(new Door())
                        .build())
                .build();
        server.start().join();
        System.out.println("the peer runs");
    }

    /** Lets everybody in but the user {@code stranger}. */
    private static final class Door implements ExtensionMain {
        @Override
        public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
            SimpleAuthenticator door = (asked, answer) -> {
                if (asked.getConnectPacket().getUserName().equals(Optional.of("stranger"))) {
                    answer.failAuthentication(ConnackReasonCode.BAD_USER_NAME_OR_PASSWORD, "no strangers");
                } else {
                    answer.authenticateSuccessfully();
                }
            };
            Services.securityRegistry().setAuthenticatorProvider(client -> door);
        }

        @Override
        public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
            // nothing was started
        }
    }
}
