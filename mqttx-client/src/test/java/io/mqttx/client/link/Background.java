package io.mqttx.client.link;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** What runs beside a test, and waiting for it with a deadline. */
final class Background {
    static final Executor THREADS = Background::thread;

    private static final long PATIENCE_SECONDS = 20;

    private Background() {}

    /** Something that may fail. */
    interface Task {
        void run() throws Exception;
    }

    static CompletableFuture<Void> start(Task task) {
        return call(() -> {
            task.run();
            return null;
        });
    }

    static <T> CompletableFuture<T> call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        thread(() -> {
            try {
                result.complete(task.call());
            } catch (Exception | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /** The result; or what the task threw, thrown again. */
    static <T> T await(CompletableFuture<T> result) throws Exception {
        try {
            return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("it hangs", e);
        }
    }

    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it does not come to that");
            }
            Thread.onSpinWait();
        }
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "background");
        thread.setDaemon(true);
        thread.start();
    }
}
