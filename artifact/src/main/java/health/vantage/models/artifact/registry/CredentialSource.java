package health.vantage.models.artifact.registry;

import java.util.Optional;

/** Finds out who we are at a registry. */
@FunctionalInterface
public interface CredentialSource {
    CredentialSource NONE = (host, repository) -> Optional.empty();

    /**
     * @param host {@code host[:port]} of the registry
     * @param repository the repository's path there
     */
    Optional<Credential> find(String host, String repository);
}
