package health.vantage.models.artifact.registry;

import java.util.regex.Pattern;

/** Which hosts may be asked without TLS. */
final class PlainHttp {
    /** By text, not by resolving: what a name resolves to is the network's to decide. */
    private static final Pattern LOOPBACK =
            Pattern.compile("(?:localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1])(?::[0-9]{1,5})?");

    private PlainHttp() {}

    /**
     * Loopback is plain unless certificates were configured (a registry beside us rarely has one); others only if listed.
     */
    static boolean allowed(String authority, RegistryOptions options) {
        return options.plainHttpHosts().contains(authority)
                || options.caFile().isEmpty() && LOOPBACK.matcher(authority).matches();
    }
}
