package health.vantage.models.runner.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.runner.samples.TestCa;
import health.vantage.models.runner.samples.TestCa.Issued;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerIdentityTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rsa -pkeyopt rsa_keygen_bits:2048",
                "ec -pkeyopt ec_paramgen_curve:prime256v1",
                "ec -pkeyopt ec_paramgen_curve:secp384r1",
                "ed25519"
            })
    void keysOfEveryKindAreReadAsOpensslWritesThemNowAndBefore(String kind) throws Exception {
        TestCa.create(folder, "for-openssl");
        Path certificate = folder.resolve("own.crt");
        Path pkcs8 = folder.resolve("pkcs8.key");
        List<String> request = new ArrayList<>(List.of("req", "-x509", "-nodes", "-subj", "/CN=own", "-newkey"));
        request.addAll(List.of(kind.split(" ")));
        request.addAll(List.of("-keyout", pkcs8.toString(), "-out", certificate.toString()));
        TestCa.openssl(request);

        assertThat(read(certificate, pkcs8).leaf().getSubjectX500Principal().getName())
                .isEqualTo("CN=own");
        if (!kind.equals("ed25519")) {
            Path older = folder.resolve("older.key");
            TestCa.openssl(List.of("pkey", "-in", pkcs8.toString(), "-traditional", "-out", older.toString()));
            assertThat(Files.readString(older)).containsPattern("BEGIN (RSA|EC) PRIVATE KEY");
            assertThat(read(certificate, older).key().getAlgorithm())
                    .as("that it belongs to the certificate was checked by signing with it")
                    .isEqualTo(read(certificate, pkcs8).key().getAlgorithm());
        }
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() {
        TestCa ca = TestCa.create(folder, "ca");

        assertRefused(
                ca.server().certificate(), ca.server().key(), "the private key is not that of the first certificate");
    }

    @Test
    void anEncryptedKeyIsRefusedAndTheMessageSaysWhatToDo() {
        Issued issued = TestCa.create(folder, "ca").server();
        Path encrypted = folder.resolve("encrypted.key");
        TestCa.openssl(List.of(
                "pkcs8", "-topk8", "-in", issued.key().toString(), "-passout", "pass:x", "-out", encrypted.toString()));

        assertRefused(issued.certificate(), encrypted, "the key is encrypted; give one without a password");
    }

    @Test
    void aCutOffKeyIsRefused() throws Exception {
        Issued issued = TestCa.create(folder, "ca").server();
        Path sec1 = folder.resolve("sec1.key");
        TestCa.openssl(List.of("pkey", "-in", issued.key().toString(), "-traditional", "-out", sec1.toString()));
        String whole = Files.readString(sec1);
        String inside = whole.replaceAll("-----[A-Z ]+-----|\\s", "");
        Path cut = Files.writeString(
                folder.resolve("cut.key"),
                "-----BEGIN EC PRIVATE KEY-----\n" + inside.substring(0, 40) + "\n-----END EC PRIVATE KEY-----\n");

        assertRefused(issued.certificate(), cut, "EC private key");
    }

    private static ServerIdentity read(Path certificate, Path key) throws Exception {
        return ServerIdentity.parse(Files.readAllBytes(certificate), Files.readAllBytes(key));
    }

    private static void assertRefused(Path certificate, Path key, String why) {
        assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(() -> read(certificate, key))
                .withMessageContaining(why);
    }
}
