package health.vantage.models.runner.workstation;

import health.vantage.models.artifact.resolve.Selector;
import java.time.Duration;

/**
 * One model that this machine shall serve.
 *
 * @param name clients ask for
 * @param repository without tag and digest, such as {@code registry.host/vantage/retina-seg} or {@code oci:/folder}
 * @param variant the build for this kind of machine, such as {@code rtx}
 * @param soak how long a new version answers before the old one may go
 * @param maxErrorRate share of failed requests (0..1) at which a version in its soak is turned back
 * @param loadBeside whether memory holds the old and the new version at once
 * @param lane instances and batching
 */
public record ModelWish(
        String name,
        String repository,
        Selector selector,
        String variant,
        Duration soak,
        double maxErrorRate,
        boolean loadBeside,
        LaneWish lane) {}
