package io.mqttx.broker.routing;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A set of small numbers in which the next one after any other is found without looking at all. Read and changed by
 * any thread without locks; made larger by one thread at a time, while the others go on.
 */
final class SlotBits {
    private static final int WORDS = 16; // of a page, which has one word more: which of them are not empty
    private static final int PAGE = WORDS * Long.SIZE;

    private volatile AtomicLongArray[] pages = {};

    /** Makes room for all numbers below {@code count}. */
    void reach(int count) {
        AtomicLongArray[] now = pages;
        int needed = (count + PAGE - 1) / PAGE;
        if (now.length < needed) {
            AtomicLongArray[] more = Arrays.copyOf(now, needed);
            for (int i = now.length; i < needed; i++) {
                more[i] = new AtomicLongArray(WORDS + 1);
            }
            pages = more; // the pages themselves stay, so nothing that is set meanwhile is lost
        }
    }

    void set(int number) {
        AtomicLongArray page = pages[number / PAGE];
        int word = number % PAGE / Long.SIZE;
        or(page, word, 1L << number);
        or(page, WORDS, 1L << word);
    }

    void clear(int number) {
        AtomicLongArray page = pages[number / PAGE];
        int word = number % PAGE / Long.SIZE;
        if (and(page, word, ~(1L << number)) == 0) {
            and(page, WORDS, ~(1L << word));
            if (page.get(word) != 0) {
                or(page, WORDS, 1L << word); // set between the two lines before
            }
        }
    }

    /** The first number from {@code from} on, or else from 0 on; -1 if there is none. */
    int next(int from) {
        int found = find(from);
        return found >= 0 || from == 0 ? found : find(0);
    }

    private int find(int from) {
        AtomicLongArray[] all = pages;
        for (int p = from / PAGE; p < all.length; p++) {
            int within = Math.max(0, from - p * PAGE);
            int word = within / Long.SIZE;
            long rest = all[p].get(word) & -1L << within;
            long others = word + 1 == WORDS ? 0 : all[p].get(WORDS) & -1L << word + 1;
            while (rest == 0 && others != 0) {
                word = Long.numberOfTrailingZeros(others);
                others &= others - 1;
                rest = all[p].get(word);
            }
            if (rest != 0) {
                return p * PAGE + word * Long.SIZE + Long.numberOfTrailingZeros(rest);
            }
        }
        return -1;
    }

    private static void or(AtomicLongArray page, int word, long bits) {
        if ((page.get(word) & bits) == 0) {
            page.accumulateAndGet(word, bits, (a, b) -> a | b);
        }
    }

    private static long and(AtomicLongArray page, int word, long bits) {
        return page.accumulateAndGet(word, bits, (a, b) -> a & b);
    }
}
