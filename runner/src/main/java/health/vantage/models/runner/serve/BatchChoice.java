package health.vantage.models.runner.serve;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Which of the waiting requests run next, and whether it pays to wait for more. Pure.
 *
 * @param members in the order they came; at least one
 * @param waitNanos 0 to run them now
 */
record BatchChoice<T extends BatchChoice.Candidate>(List<T> members, long waitNanos) {
    /** A waiting request as far as its company matters. */
    interface Candidate {
        /** Requests with equal kinds can run as one; empty: runs alone. */
        Optional<?> kind();

        /** Entries of the first dimension. */
        long rows();

        /** {@link System#nanoTime()} of its arrival. */
        long arrived();
    }

    /** @param line what waits, not empty; its first request always runs next, so that none starves */
    static <T extends Candidate> BatchChoice<T> among(Collection<T> line, Optional<Batching> batching, long now) {
        Iterator<T> rest = line.iterator();
        T first = rest.next();
        if (batching.isEmpty() || first.kind().isEmpty()) {
            return new BatchChoice<>(List.of(first), 0);
        }
        Batching rule = batching.get();
        List<T> members = new ArrayList<>();
        members.add(first);
        long rows = first.rows();
        int preferred = rule.preferredRows().contains((int) rows) ? 1 : 0;
        boolean full = rows >= rule.maxRows();
        boolean others = false;
        while (!full && rest.hasNext()) {
            T next = rest.next();
            if (!next.kind().equals(first.kind())) {
                others = true;
            } else if (rows + next.rows() > rule.maxRows()) {
                full = true;
            } else {
                members.add(next);
                rows += next.rows();
                full = rows == rule.maxRows();
                preferred = rule.preferredRows().contains((int) rows) ? members.size() : preferred;
            }
        }
        if (preferred > 0) {
            return new BatchChoice<>(List.copyOf(members.subList(0, preferred)), 0);
        }
        // Whoever cannot join would pay for the wait and gain nothing.
        long left = full || others ? 0 : first.arrived() + rule.maxDelay().toNanos() - now;
        return new BatchChoice<>(List.copyOf(members), Math.max(0, left));
    }
}
