package io.mqttx.client;

import io.mqttx.packet.Publish;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.FlowReplay;
import io.mqttx.protocol.flow.FlowSnapshot;
import io.mqttx.topic.TopicFilter;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps sessions as long as it lives. */
final class MemorySessionStore implements SessionStore {
    private final ReentrantLock lock = new ReentrantLock(); // guards everything below
    private final Map<String, FlowReplay<Publish>> sessions = new HashMap<>();
    private final Map<String, Map<TopicFilter, StoredSubscription>> subscriptions = new HashMap<>();
    private final Set<String> open = new HashSet<>();

    @Override
    public StoredSession open(String clientId) throws IOException {
        lock.lock();
        try {
            if (!open.add(clientId)) {
                throw new IOException("another client has the session of \"" + clientId + "\" open");
            }
            return new InMemory(clientId);
        } finally {
            lock.unlock();
        }
    }

    private final class InMemory implements StoredSession {
        private final String clientId;

        InMemory(String clientId) {
            this.clientId = clientId;
        }

        @Override
        public FlowSnapshot<Publish> flows() {
            lock.lock();
            try {
                return replay().snapshot();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public List<StoredSubscription> subscriptions() {
            lock.lock();
            try {
                return List.copyOf(granted().values());
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void subscribed(StoredSubscription subscription) {
            lock.lock();
            try {
                granted().put(subscription.subscription().filter(), subscription);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void unsubscribed(TopicFilter filter) {
            lock.lock();
            try {
                granted().remove(filter);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void append(FlowChange<Publish> change) {
            lock.lock();
            try {
                replay().apply(change);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void reset() {
            lock.lock();
            try {
                sessions.remove(clientId);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void sync() {
            // It is there already.
        }

        @Override
        public void close() {
            lock.lock();
            try {
                open.remove(clientId);
            } finally {
                lock.unlock();
            }
        }

        private Map<TopicFilter, StoredSubscription> granted() {
            return subscriptions.computeIfAbsent(clientId, none -> new LinkedHashMap<>());
        }

        private FlowReplay<Publish> replay() {
            return sessions.computeIfAbsent(clientId, none -> new FlowReplay<>());
        }
    }
}
