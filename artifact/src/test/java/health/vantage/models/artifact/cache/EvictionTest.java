package health.vantage.models.artifact.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.Digest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which models go. Each has 10 bytes of its own, and shares a base of 100 bytes with the others. */
class EvictionTest {
    private static final Digest BASE = digest("base");

    private static Digest digest(String name) {
        return Digest.of(name.getBytes());
    }

    private static Eviction.Held model(String name, int lastUsed) {
        return new Eviction.Held(
                digest(name), Instant.ofEpochSecond(lastUsed), Map.of(BASE, 100L, digest("head of " + name), 10L));
    }

    private static List<String> gone(List<Eviction.Held> models, Watermarks marks, String... keep) {
        Map<Digest, String> names = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        for (String name : List.of("a", "b", "c", "d")) {
            names.put(digest(name), name);
        }
        Set<Digest> kept = Arrays.stream(keep).map(EvictionTest::digest).collect(Collectors.toSet());
        return Eviction.of(models, kept, marks).stream().map(names::get).toList();
    }

    private static final List<Eviction.Held> FOUR = List.of(model("a", 4), model("b", 1), model("c", 3), model("d", 2));

    @Test
    void belowTheHighMarkNothingGoes() {
        assertThat(gone(FOUR, new Watermarks(140, 0))).isEmpty();
        assertThat(gone(FOUR, new Watermarks(139, 139))).containsExactly("b");
    }

    @Test
    void theLeastRecentlyUsedGoUntilTheLowMark() {
        assertThat(gone(FOUR, new Watermarks(139, 120))).containsExactly("b", "d");
        assertThat(gone(FOUR, new Watermarks(139, 111))).containsExactly("b", "d", "c");
    }

    @Test
    void whatIsNeededNeverGoesHoweverFullTheCacheIs() {
        assertThat(gone(FOUR, new Watermarks(1, 1), "b", "c")).containsExactly("d", "a");
        assertThat(gone(FOUR, new Watermarks(1, 1), "a", "b", "c", "d")).isEmpty();
    }

    @Test
    void aSharedLayerMakesRoomOnlyWithTheLastOfItsModels() {
        assertThat(gone(FOUR, new Watermarks(139, 100))).containsExactly("b", "d", "c", "a");
        assertThat(gone(List.of(model("a", 1), model("b", 2)), new Watermarks(119, 110)))
                .containsExactly("a");
    }

    @Test
    void withoutASpareEverythingElseGoes() {
        assertThat(gone(FOUR, Watermarks.NO_SPARE, "c")).containsExactly("b", "d", "a");
    }

    @Test
    void aLowMarkAboveTheHighOneIsRefused() {
        assertThatThrownBy(() -> new Watermarks(10, 11)).hasMessageContaining("between 0 and the high one (10 bytes)");
    }

    @Test
    void forAnyCacheTheMarksHoldUnlessOnlyWhatIsNeededIsLeft() {
        var random = new Random(17);
        for (int round = 0; round < 2000; round++) {
            List<Eviction.Held> models = IntStream.range(0, random.nextInt(12))
                    .mapToObj(i -> new Eviction.Held(
                            digest("m" + i),
                            Instant.ofEpochSecond(random.nextInt(5)),
                            IntStream.range(0, 1 + random.nextInt(4))
                                    .map(n -> random.nextInt(8))
                                    .distinct()
                                    .boxed()
                                    .collect(Collectors.toMap(n -> digest("layer " + n), n -> 10L * (n + 1)))))
                    .toList();
            Set<Digest> keep = models.stream()
                    .map(Eviction.Held::model)
                    .filter(_ -> random.nextInt(3) == 0)
                    .collect(Collectors.toSet());
            long high = random.nextInt(400);
            Watermarks marks = new Watermarks(high, high == 0 ? 0 : random.nextLong(high + 1));
            Set<Digest> gone = Eviction.of(models, keep, marks);
            List<Eviction.Held> left =
                    models.stream().filter(m -> !gone.contains(m.model())).toList();
            assertThat(gone).as("round %d", round).noneMatch(keep::contains);
            boolean onlyNeeded = left.stream().allMatch(m -> keep.contains(m.model()));
            assertThat(onlyNeeded || bytes(left) <= (bytes(models) > high ? marks.lowBytes() : high))
                    .as("round %d", round)
                    .isTrue();
            if (bytes(models) <= high) {
                assertThat(high == 0 || gone.isEmpty()).as("round %d", round).isTrue();
            }
        }
    }

    private static long bytes(List<Eviction.Held> models) {
        return models.stream()
                .flatMap(model -> model.layers().entrySet().stream())
                .distinct()
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
