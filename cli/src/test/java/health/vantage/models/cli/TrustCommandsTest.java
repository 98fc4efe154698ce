package health.vantage.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.Signer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Who signed a model and what is attested of it. */
class TrustCommandsTest extends CommandsOnFolders {
    @Test
    void anIdentityIsAskedForInPlaceOfKeysAndThePublicRootIsAtHand() throws Exception {
        pack("jetson");
        String model = repository + ":2.4.1-jetson";
        String[] someone = {"--certificate-identity", "a@b.example", "--certificate-oidc-issuer", "https://i.example"};
        assertThat(run("verify", someone[0], someone[1], someone[2], someone[3], model))
                .isEqualTo(6);
        assertThat(err).contains("is not signed; sign it with 'cosign sign ");
        assertThat(run("sign", "-k", keys()[0], model)).as(err).isZero();
        assertThat(run("verify", someone[0], someone[1], someone[2], someone[3], model))
                .isEqualTo(6);
        assertThat(err).contains("subject 'a@b.example' of the issuer 'https://i.example'", "it may be by a key");

        assertThat(run("verify", someone[0], someone[1], model)).isEqualTo(2);
        assertThat(err).contains("either the issuer or a regular expression for it is needed");
        assertThat(run("verify", model)).isEqualTo(2);
        Path junk = Files.writeString(folder.resolve("root.json"), "{}");
        assertThat(run("verify", someone[0], someone[1], someone[2], someone[3], "--trusted-root", junk, model))
                .isEqualTo(2);
        assertThat(err).contains("The trusted root must name at least one certificate authority");
    }

    /** What is said of a release is what the nodes will find, each of which pulls one variant. */
    @Test
    void aReleaseIsVerifiedVariantByVariant() throws Exception {
        pack("jetson");
        pack("rtx");
        Path[] keys = keys();
        String release = repository + ":2.4.1";
        String[] demanded = {"verify", "-o", "json", "-k", keys[1].toString(), "--attestation", "cyclonedx", release};
        assertThat(run("sign", "-k", keys[0], release)).as(err).isZero();
        assertThat(run("attest", "-k", keys[0], "--type", "cyclonedx", repository + ":2.4.1-jetson"))
                .as(err)
                .isZero();

        assertThat(run((Object[]) demanded)).isEqualTo(6);
        assertThat(err).contains("no attestation of the type cyclonedx");

        assertThat(run("attest", "-k", keys[0], "--type", "cyclonedx", repository + ":2.4.1-rtx"))
                .as(err)
                .isZero();
        assertThat(run((Object[]) demanded)).as(err).isZero();
        var verified = Json.object(out.getBytes());
        assertThat(verified.path("attestations")).isEmpty();
        assertThat(verified.at("/variants/0/variant").asText()).isEqualTo("jetson");
        assertThat(verified.at("/variants/1/variant").asText()).isEqualTo("rtx");
        assertThat(verified.at("/variants/1/attestations/0/predicateType").asText())
                .isEqualTo("https://cyclonedx.org/bom");
    }

    /** As 'cosign sign' without --recursive leaves it: no node would take a variant. */
    @Test
    void aReleaseWhoseVariantsNobodySignedIsNotVerified() throws Exception {
        pack("jetson");
        Path[] keys = keys();
        Reference release = Reference.parse(repository + ":2.4.1");
        Repository place = new Repositories(RegistryOptions.defaults()).open(release);
        Signer.of(Files.readString(keys[0])).signV2(place, place.head("2.4.1"));

        assertThat(run("verify", "-k", keys[1], release)).isEqualTo(6);
        assertThat(err).contains(place.head("2.4.1-jetson") + " is not signed");
    }

    @Test
    void aReleaseIsAttestedAndItsAttestationsAreDemanded() throws Exception {
        pack("jetson");
        Path[] keys = keys();
        String model = repository + ":2.4.1-jetson";
        assertThat(run("sign", "-k", keys[0], model)).as(err).isZero();
        assertThat(run("verify", "-k", keys[1], "--attestation", "cyclonedx", model))
                .isEqualTo(6);
        assertThat(err).contains("no attestation of the type cyclonedx", "kubectl model attest");
        assertThat(run("attest", "-k", keys[0], "--type", "cyclonedx,slsaprovenance1", repository + ":2.4.1"))
                .as(err)
                .isZero();
        assertThat(run("verify", "-k", keys[1], "--attestation", "cyclonedx,slsaprovenance1", model))
                .as(err)
                .isZero();
        assertThat(out).contains("https://slsa.dev/provenance/v1", "https://cyclonedx.org/bom");
        assertThat(run("sbom", "-k", keys[1], model)).as(err).isZero();
        String attested = out;
        assertThat(run("sbom", model)).as(err).isZero();
        assertThat(out).isEqualTo(attested).contains("machine-learning-model", "cell-masks@2025.11");
        assertThat(run("attest", "-k", keys[0], "--type", "vuln", model)).isEqualTo(2);
        assertThat(err).contains("--predicate");
    }

    @Test
    void provenanceLeadsFromEveryModelToItsRunAndDataSet() throws Exception {
        pack("jetson");
        pack("rtx");
        assertThat(run("provenance", repository)).as(err).isZero();
        assertThat(out.lines().skip(1)).hasSize(2).allMatch(line -> line.contains("run-8841"));
        assertThat(run("provenance", "-o", "json", repository + ":cv3-rtx"))
                .as(err)
                .isZero();
        assertThat(out)
                .contains("\"dataset\" : \"cell-masks@2025.11\"", "\"rtx\"")
                .doesNotContain("jetson");
    }
}
