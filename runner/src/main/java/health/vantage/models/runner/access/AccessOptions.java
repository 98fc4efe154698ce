package health.vantage.models.runner.access;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * @param tls without, both ports speak plain text
 * @param tokens a file of bearer tokens, one of which every caller must send; without, none is asked for
 * @param look between two looks whether the files have changed
 */
public record AccessOptions(Optional<TlsFiles> tls, Optional<Path> tokens, ClientLimits limits, Duration look) {
    /** The kubelet itself needs up to a minute to bring a changed Secret to the node. */
    public static final Duration LOOK = Duration.ofSeconds(10);

    /** Whoever may connect may call, as much as there is. */
    public static final AccessOptions OPEN =
            new AccessOptions(Optional.empty(), Optional.empty(), ClientLimits.NONE, LOOK);
}
