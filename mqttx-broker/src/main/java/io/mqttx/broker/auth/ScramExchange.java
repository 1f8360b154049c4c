package io.mqttx.broker.auth;

import io.mqttx.broker.api.AuthDecision;
import io.mqttx.broker.api.AuthStep;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.auth.ScramException;
import io.mqttx.protocol.auth.ScramServer;
import java.util.Optional;

/**
 * SCRAM-SHA-256 on one connection, for a handler to hold: {@link BrokerHandler#onAuth} returns {@link #next}, and
 * {@link BrokerHandler#onConnect} asks {@link #userName} who has proved to be there. One thread at a time.
 */
public final class ScramExchange {
    private final Scram scram;
    private Optional<ScramServer> conversation = Optional.empty(); // the one under way
    private String claimed = ""; // who the client says that it is
    private Optional<String> proved = Optional.empty();

    ScramExchange(Scram scram) {
        this.scram = scram;
    }

    /** The user whose password the client knows; empty as long as that is not proved. */
    public Optional<String> userName() {
        return proved;
    }

    /** The answer to a step: {@code NOT_AUTHORIZED} for whatever is not as it should be. */
    public AuthDecision next(AuthStep step) {
        if (!step.method().equals(ScramServer.METHOD)) {
            return AuthDecision.refuse(ReasonCode.BAD_AUTHENTICATION_METHOD);
        }
        try {
            return step.kind() == AuthStep.Kind.CONTINUE ? last(step) : first(step);
        } catch (ScramException e) {
            conversation = Optional.empty();
            return AuthDecision.refuse(ReasonCode.NOT_AUTHORIZED);
        }
    }

    private AuthDecision first(AuthStep step) {
        ScramServer server = new ScramServer(scram.nonce());
        claimed = server.userName(step.data());
        if (proved.isPresent() && !proved.get().equals(claimed)) {
            throw new ScramException("a session does not change hands");
        }
        conversation = Optional.of(server);
        return AuthDecision.later(
                scram.find(claimed).thenApply(known -> AuthDecision.challenge(server.challenge(known))));
    }

    private AuthDecision last(AuthStep step) {
        ScramServer server = conversation.orElseThrow(() -> new ScramException("an answer to nothing"));
        conversation = Optional.empty();
        AuthDecision success = AuthDecision.success(server.verify(step.data()));
        proved = Optional.of(claimed);
        return success;
    }
}
