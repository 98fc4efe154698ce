package health.vantage.models.operator.plan;

/** Which of a deployment's nodes must take part: {@code rollout.requireNodes}. */
public sealed interface Quorum {
    /** Every node of the tiers, reachable or not. */
    record All() implements Quorum {}

    /** Every node that can be reached; the others catch up when they return. */
    record Reachable() implements Quorum {}

    /** A share of the nodes, 1 to 100 per cent; the others are left on what they serve. */
    record Share(int percent) implements Quorum {}

    /** @throws IllegalArgumentException if the text is none of {@code All}, {@code Reachable}, {@code 1%} to {@code 100%} */
    static Quorum parse(String text) {
        if ("All".equals(text)) {
            return new All();
        }
        if ("Reachable".equals(text)) {
            return new Reachable();
        }
        if (text != null && text.matches("([1-9][0-9]?|100)%")) {
            return new Share(Integer.parseInt(text.substring(0, text.length() - 1)));
        }
        throw new IllegalArgumentException(
                "spec.rollout.requireNodes: '" + text + "' is none of All, Reachable and a share such as 90%");
    }

    /** How many of so many nodes may fail before the rollout turns back. */
    default int mayFail(int nodes) {
        return switch (this) {
            case All _, Reachable _ -> 0;
            case Share(int percent) -> nodes - Math.ceilDiv(nodes * percent, 100);
        };
    }

    /** Whether a tier with so many nodes can start when so many of them are able to take the model. */
    default boolean canStart(int nodes, int able) {
        return switch (this) {
            case All _ -> able == nodes;
            case Reachable _ -> able > 0;
            case Share _ -> able > 0 && nodes - able <= mayFail(nodes);
        };
    }
}
