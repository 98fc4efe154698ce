package health.vantage.models.runner;

import java.util.Optional;

/** This build. */
public final class Version {
    /** From the jar's manifest; {@code development} when run from classes. */
    public static final String CURRENT = Optional.ofNullable(
                    Version.class.getPackage().getImplementationVersion())
            .orElse("development");

    private Version() {}
}
