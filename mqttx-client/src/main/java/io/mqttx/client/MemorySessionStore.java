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
    private final Map<String, Contents> sessions = new HashMap<>();
    private final Set<String> open = new HashSet<>();

    private static final class Contents {
        private final Map<TopicFilter, StoredSubscription> subscriptions = new LinkedHashMap<>();
        private FlowReplay<Publish> flows = new FlowReplay<>();
    }

    @Override
    public StoredSession open(String clientId) throws IOException {
        lock.lock();
        try {
            if (!open.add(clientId)) {
                throw new IOException("another client has the session of \"" + clientId + "\" open");
            }
            return new InMemory(clientId, sessions.computeIfAbsent(clientId, none -> new Contents()));
        } finally {
            lock.unlock();
        }
    }

    private final class InMemory implements StoredSession {
        private final String clientId;
        private final Contents contents;

        InMemory(String clientId, Contents contents) {
            this.clientId = clientId;
            this.contents = contents;
        }

        @Override
        public FlowSnapshot<Publish> flows() {
            lock.lock();
            try {
                return contents.flows.snapshot();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public List<StoredSubscription> subscriptions() {
            lock.lock();
            try {
                return List.copyOf(contents.subscriptions.values());
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void subscribed(StoredSubscription subscription) {
            lock.lock();
            try {
                contents.subscriptions.put(subscription.subscription().filter(), subscription);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void unsubscribed(TopicFilter filter) {
            lock.lock();
            try {
                contents.subscriptions.remove(filter);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void append(FlowChange<Publish> change) {
            lock.lock();
            try {
                contents.flows.apply(change);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void reset() {
            lock.lock();
            try {
                contents.flows = new FlowReplay<>();
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
    }
}
