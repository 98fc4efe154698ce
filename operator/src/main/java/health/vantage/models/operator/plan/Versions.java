package health.vantage.models.operator.plan;

import java.util.Arrays;

/** Dotted version numbers such as CUDA's and TensorRT's, which are not semver: 12.6, 10.3.0.30. */
final class Versions {
    private Versions() {}

    static boolean isVersion(String text) {
        return text != null && text.matches("[0-9]{1,6}(\\.[0-9]{1,6}){0,3}");
    }

    /** Whether {@code version} is {@code least} or newer; both must be {@link #isVersion versions}. */
    static boolean atLeast(String version, String least) {
        return Arrays.compare(parts(version), parts(least)) >= 0;
    }

    private static int[] parts(String version) {
        int[] four = new int[4];
        String[] words = version.split("\\.");
        for (int i = 0; i < words.length; i++) {
            four[i] = Integer.parseInt(words[i]);
        }
        return four;
    }
}
