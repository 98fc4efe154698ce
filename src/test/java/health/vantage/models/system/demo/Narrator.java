package health.vantage.models.system.demo;

import java.time.Duration;
import java.time.Instant;

/** Tells a person what happens, and how long it took. */
final class Narrator {
    private final Instant start = Instant.now();
    private int chapter;

    void chapter(String title) {
        chapter++;
        System.out.printf("%n%s %d. %s%n", stamp(), chapter, title);
    }

    void say(String line) {
        System.out.println("         " + line.stripTrailing().replace("\n", "\n         "));
    }

    /** A command as a person would type it. */
    void command(String line) {
        System.out.println("       $ " + line);
    }

    long seconds() {
        return Duration.between(start, Instant.now()).toSeconds();
    }

    private String stamp() {
        return String.format("[%3d s]", seconds());
    }
}
