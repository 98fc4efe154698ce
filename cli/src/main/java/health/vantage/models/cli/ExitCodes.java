package health.vantage.models.cli;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.cli.cluster.MissingObject;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;

/** What a failure is told as, and which exit code it becomes; scripts rely on the codes. */
final class ExitCodes {
    private ExitCodes() {}

    static int of(Exception e) {
        return switch (e) {
            case ArtifactException artifact -> of(artifact);
            case IllegalArgumentException _ -> 2;
            case NoSuchFileException _ -> 3;
            case MissingObject _ -> 3;
            default -> 1;
        };
    }

    private static int of(ArtifactException e) {
        return switch (e) {
            case ArtifactException.TagNotFound _, ArtifactException.DigestNotFound _ -> 3;
            case ArtifactException.RegistryDenied _ -> 4;
            case ArtifactException.RegistryUnavailable _ -> 5;
            case ArtifactException.KeyMissing _ -> 2;
            case ArtifactException.NoSignature _,
                    ArtifactException.SignatureInvalid _,
                    ArtifactException.NoAttestation _,
                    ArtifactException.AttestationInvalid _,
                    ArtifactException.IntegrityMismatch _,
                    ArtifactException.InsecureArchive _,
                    ArtifactException.MetadataMismatch _ -> 6;
            case ArtifactException.AmbiguousTags _,
                    ArtifactException.InvalidMetadata _,
                    ArtifactException.UnsupportedArtifact _ -> 7;
            case ArtifactException.DiskFull _ -> 8;
        };
    }

    /** For people: a sentence, never a stack trace. */
    static String sentence(Exception e) {
        return switch (e) {
            case ArtifactException.InvalidMetadata invalid
            when invalid.problems().size() > 1 ->
                "the metadata has " + invalid.problems().size() + " problems:\n  "
                        + String.join("\n  ", invalid.problems());
            case ArtifactException artifact -> artifact.getMessage();
            case NoSuchFileException missing -> "there is no file " + missing.getFile();
            case UncheckedIOException io -> io.getMessage();
            case IllegalArgumentException argument -> argument.getMessage();
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }
}
