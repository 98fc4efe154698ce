package health.vantage.models.runner.engine;

import java.time.Duration;

/**
 * How closely an engine is watched.
 *
 * @param look between two looks at it
 * @param probe for one answer of its health URL
 * @param misses looks in a row without an answer, after which it counts as hung
 * @param firstPause before it is started again; doubled each time up to {@code longestPause}
 * @param steady how long it must have answered for the pause to be short again
 */
record Patience(
        Duration look, Duration probe, int misses, Duration firstPause, Duration longestPause, Duration steady) {
    static final Patience USUAL = new Patience(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            3,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1));

    Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(longestPause) > 0 ? longestPause : doubled;
    }
}
