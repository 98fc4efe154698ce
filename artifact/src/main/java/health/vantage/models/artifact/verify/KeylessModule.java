package health.vantage.models.artifact.verify;

/**
 * Opens the check of certificates. It needs libraries that verification with keys does not, so it is a module of its own,
 * found by {@link java.util.ServiceLoader} and only when a policy is keyless.
 */
public interface KeylessModule {
    /** @throws IllegalArgumentException if the trusted root cannot be read, saying why */
    CertificateCheck open(KeylessIdentity identity);
}
