package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.archive.TarHeader;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Models whose layers are not as our packer makes them. */
final class HandMadeLayers {
    private HandMadeLayers() {}

    /** Pushes a model of one layer and an empty config. */
    static Digest push(Repository repository, Descriptor layer, byte[] blob) {
        return push(repository, layer, blob, "{}".getBytes());
    }

    static Digest push(Repository repository, Descriptor layer, byte[] blob, byte[] config) {
        Descriptor configDescriptor = Descriptor.of(MediaTypes.MODEL_CONFIG, config);
        repository.putBlob(configDescriptor, BlobSource.of(config));
        repository.putBlob(layer, BlobSource.of(blob));
        byte[] json = Models.metadata("1.0.0", "jetson", "cv3").canonicalJson();
        var annotations = new TreeMap<>(Map.of(ModelMetadata.ANNOTATION, new String(json, StandardCharsets.UTF_8)));
        byte[] manifest = Manifest.Artifact.of(MediaTypes.MODEL_MANIFEST, configDescriptor, List.of(layer), annotations)
                .toBytes();
        return repository.putManifest(Digest.of(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);
    }

    /** An entry of a tar: header, content, padding; no end of the archive. */
    static byte[] tar(String path, char type, byte[] content) {
        byte[] header = TarHeader.of(path.length() > 90 ? "x" : path, content.length);
        header[156] = (byte) type;
        java.util.Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        byte[] digits = String.format("%06o\0 ", sum).getBytes();
        System.arraycopy(digits, 0, header, 148, 8);
        var out = new ByteArrayOutputStream();
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[(512 - content.length % 512) % 512]);
        return out.toByteArray();
    }

    static void flipBit(Path file, int at) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 0x10;
        Files.write(file, bytes);
    }
}
