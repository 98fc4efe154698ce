package health.vantage.models.runner.workstation;

import health.vantage.models.api.Verification;
import health.vantage.models.artifact.ArtifactException.KeyMissing;
import health.vantage.models.runner.store.Policies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * What a workstation's file demands of models: the keys of a ModelDeployment's {@code spec.verify}, with files in place of
 * Secrets.
 *
 * @param beside from a path in the file to one of the machine
 */
record VerificationFields(YamlField top, Function<String, Path> beside) {
    private static final long MAX_KEY_BYTES = 16 * 1024;
    private static final long MAX_ROOT_BYTES = 256 * 1024;
    private static final Set<String> KEYLESS =
            Set.of("issuer", "issuerRegExp", "subject", "subjectRegExp", "trustedRoot");

    Verification read() {
        List<String> keys = top.get("publicKeys").items().stream()
                .map(item -> text(item, MAX_KEY_BYTES, "key"))
                .toList();
        var demanded = new Verification(
                keys,
                top.get("keyless").given() ? keyless(top.get("keyless").onlyKeys(KEYLESS)) : null,
                top.get("attestations").items().stream().map(YamlField::text).toList(),
                top.get("maxSeverity").optionalText().orElse(null));
        try {
            // Now, and not with the first pull: a key that is none, or no keyless module, is a mistake in the file.
            Policies.of(demanded).open();
        } catch (KeyMissing e) {
            throw top.wrong(e.getCause().getMessage());
        }
        return demanded;
    }

    private Verification.Keyless keyless(YamlField field) {
        YamlField root = field.get("trustedRoot");
        return new Verification.Keyless(
                field.get("issuer").optionalText().orElse(null),
                field.get("issuerRegExp").optionalText().orElse(null),
                field.get("subject").optionalText().orElse(null),
                field.get("subjectRegExp").optionalText().orElse(null),
                root.given() ? text(root, MAX_ROOT_BYTES, "trusted root") : null);
    }

    private String text(YamlField field, long most, String what) {
        Path file = beside.apply(field.text());
        try {
            if (Files.size(file) > most) {
                throw field.wrong(file + " has more than " + most + " bytes; it is no " + what);
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw field.wrong("the " + what + " " + file + " cannot be read: " + e);
        }
    }
}
