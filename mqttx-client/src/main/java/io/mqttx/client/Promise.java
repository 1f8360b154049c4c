package io.mqttx.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

/**
 * The result of a call, for one of two kinds of caller.
 *
 * <p>A blocking method waits for it and nothing else hangs on it, so it is completed on the spot by whoever knows the
 * result. What a method gives to the application is completed by {@link Completions}.
 *
 * @param future where the result goes
 * @param own    whether a blocking method of the client waits, and the application does not know of it
 */
record Promise<T>(CompletableFuture<T> future, boolean own) {
    /** For a method that will wait for it. */
    static <T> Promise<T> toWaitFor() {
        return new Promise<>(new CompletableFuture<>(), true);
    }

    /** For a method that gives it away. */
    static <T> Promise<T> toGiveAway() {
        return new Promise<>(new CompletableFuture<>(), false);
    }

    void succeed(T value, Completions completions) {
        if (own) {
            future.complete(value);
        } else {
            completions.succeed(future, value);
        }
    }

    void fail(RuntimeException error, Completions completions) {
        if (own) {
            future.completeExceptionally(error);
        } else {
            completions.fail(future, error);
        }
    }

    /** Nobody needs {@code alarm} any more when the result is there. */
    void cancelsWhenDone(Future<?> alarm) {
        CompletableFuture<T> ignored = future.whenComplete((value, error) -> alarm.cancel(false));
    }

    /** Waits for the result of a promise that is {@link #own}. */
    T await(long nanos, Machine machine) {
        try {
            return machine.get(future, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException(e);
        } catch (TimeoutException e) {
            throw new RequestTimeoutException("no answer from the server in " + nanos / 1_000_000 + " ms");
        } catch (ExecutionException e) {
            throw (RuntimeException) withStackOfCaller(e.getCause());
        }
    }

    /** The error was made by the reader: what helps is to see who waited. */
    private static Throwable withStackOfCaller(Throwable error) {
        error.setStackTrace(new Throwable().getStackTrace());
        return error;
    }
}
