package health.vantage.models.artifact;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Something about an artifact did not work out. One type per way of <em>handling</em> it, so that a caller's
 * {@code switch} over the types is the list of decisions it has to make; the message is a sentence for people: what
 * failed, on which object, why, and what to do.
 */
public abstract sealed class ArtifactException extends RuntimeException {
    private ArtifactException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The CamelCase reason, as conditions and metrics name it: the type's own name. */
    public String reason() {
        return getClass().getSimpleName();
    }

    /** Whether the same call may succeed later without anybody changing anything. */
    public boolean transientFailure() {
        return this instanceof RegistryUnavailable || this instanceof DiskFull;
    }

    /** A tag (or the whole repository) does not exist: wait for somebody to push it. */
    public static final class TagNotFound extends ArtifactException {
        private final String tag;
        private final List<String> near;

        public TagNotFound(String tag, List<String> near, String message) {
            super(message, null);
            this.tag = tag;
            this.near = List.copyOf(near);
        }

        public String tag() {
            return tag;
        }

        /** Existing tags that look like the missing one, nearest first; may be empty. */
        public List<String> near() {
            return near;
        }
    }

    /** A digest that something points to is not there: it was deleted, or never pushed. */
    public static final class DigestNotFound extends ArtifactException {
        private final Digest digest;

        public DigestNotFound(Digest digest, String message) {
            super(message, null);
            this.digest = digest;
        }

        public Digest digest() {
            return digest;
        }
    }

    /** Several artifacts answer to what was asked: nobody may guess, a person must retag. */
    public static final class AmbiguousTags extends ArtifactException {
        public AmbiguousTags(String message) {
            super(message, null);
        }
    }

    /** A tag points at an artifact that does not say of itself what the tag says (the defence against re-tagging). */
    public static final class MetadataMismatch extends ArtifactException {
        public MetadataMismatch(String message) {
            super(message, null);
        }
    }

    /** The registry cannot be reached or is overloaded: try again, not before {@link #retryAfter}. */
    public static final class RegistryUnavailable extends ArtifactException {
        private final transient Optional<Duration> retryAfter;

        public RegistryUnavailable(String message, Optional<Duration> retryAfter, Throwable cause) {
            super(message, cause);
            this.retryAfter = retryAfter;
        }

        public RegistryUnavailable(String message, Throwable cause) {
            this(message, Optional.empty(), cause);
        }

        /** What the registry's {@code Retry-After} asked for, if it did. */
        public Optional<Duration> retryAfter() {
            return retryAfter;
        }
    }

    /** The registry refused (401, 403 or another 4xx): credentials or permissions must change. */
    public static final class RegistryDenied extends ArtifactException {
        public RegistryDenied(String message) {
            super(message, null);
        }

        public RegistryDenied(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The metadata is missing or wrong: the artifact must be packed again. */
    public static final class InvalidMetadata extends ArtifactException {
        private final List<String> problems;

        public InvalidMetadata(String message, List<String> problems) {
            super(message, null);
            this.problems = List.copyOf(problems);
        }

        /** Every problem, each starting with its JSON path: {@code $.model.vramGB: must be > 0, is -1}. */
        public List<String> problems() {
            return problems;
        }
    }

    /** Bytes are not what their digest says: damaged on the way, on the disk, or exchanged. */
    public static final class IntegrityMismatch extends ArtifactException {
        public IntegrityMismatch(String message) {
            super(message, null);
        }

        public IntegrityMismatch(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Nobody signed the artifact. */
    public static final class NoSignature extends ArtifactException {
        public NoSignature(String message) {
            super(message, null);
        }
    }

    /** There are signatures, and none is by a trusted key over this digest. */
    public static final class SignatureInvalid extends ArtifactException {
        public SignatureInvalid(String message) {
            super(message, null);
        }
    }

    /** The policy itself cannot be used: a key or trusted root cannot be read, or the keyless module is not there. */
    public static final class KeyMissing extends ArtifactException {
        public KeyMissing(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A demanded attestation is not attached. */
    public static final class NoAttestation extends ArtifactException {
        public NoAttestation(String message) {
            super(message, null);
        }
    }

    /** What is attached and could be a demanded attestation does not hold, or says what the policy forbids. */
    public static final class AttestationInvalid extends ArtifactException {
        public AttestationInvalid(String message) {
            super(message, null);
        }
    }

    /** A layer tries to write outside its folder, links, or unpacks to far more than it should. */
    public static final class InsecureArchive extends ArtifactException {
        public InsecureArchive(String message) {
            super(message, null);
        }
    }

    /** No room on the disk: free some, then try again. */
    public static final class DiskFull extends ArtifactException {
        public DiskFull(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Not a model artifact, or of a kind that this version cannot read. */
    public static final class UnsupportedArtifact extends ArtifactException {
        public UnsupportedArtifact(String message) {
            super(message, null);
        }

        public UnsupportedArtifact(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
