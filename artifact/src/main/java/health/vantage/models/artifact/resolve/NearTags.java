package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.model.TagNames;
import java.util.Comparator;
import java.util.List;

/** Tags that look like one that is missing: most missing tags are typing errors or a variant nobody built. */
public final class NearTags {
    private static final int MOST = 3;

    private NearTags() {}

    /** At most three, the likeliest first. */
    public static List<String> of(String missing, List<String> existing) {
        int farthest = Math.max(2, missing.length() / 3);
        String capability = missing.contains("-") ? missing.substring(0, missing.lastIndexOf('-') + 1) : missing;
        return existing.stream()
                .filter(tag -> tag.length() <= 128 && !TagNames.isBookkeeping(tag))
                .filter(tag -> tag.startsWith(capability) || distance(missing, tag) <= farthest)
                .sorted(Comparator.comparingInt((String tag) -> distance(missing, tag))
                        .thenComparing(tag -> tag))
                .limit(MOST)
                .toList();
    }

    /** Levenshtein. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int next = Math.min(Math.min(row[j] + 1, row[j - 1] + 1), diagonal + cost);
                diagonal = row[j];
                row[j] = next;
            }
        }
        return row[b.length()];
    }
}
