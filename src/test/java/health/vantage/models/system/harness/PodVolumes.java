package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the volumes of a pod as folders here: hostPath in the node's folder, everything else in the pod's. */
record PodVolumes(KubernetesClient client, Path nodeFolder, Path podFolder) {
    Mounts mount(Pod pod, Container container) {
        var folders = new LinkedHashMap<String, Path>();
        for (VolumeMount mount : container.getVolumeMounts()) {
            for (Volume volume : pod.getSpec().getVolumes()) {
                boolean tokenVolume = mount.getMountPath().startsWith("/var/run/secrets/kubernetes.io");
                if (volume.getName().equals(mount.getName()) && !tokenVolume) {
                    Path folder = make(pod, volume);
                    Path seen = mount.getSubPath() == null ? folder : folder.resolve(mount.getSubPath());
                    folders.put(mount.getMountPath().replaceAll("/+$", ""), seen);
                }
            }
        }
        return new Mounts(folders);
    }

    /** Where a hostPath of a node lies. */
    static Path hostPath(Path nodeFolder, String path) {
        return nodeFolder.resolve("host").resolve(path.replaceAll("^/+", "")).normalize();
    }

    private Path make(Pod pod, Volume volume) {
        try {
            if (volume.getHostPath() != null) {
                return Files.createDirectories(
                        hostPath(nodeFolder, volume.getHostPath().getPath()));
            }
            Path folder = Files.createDirectories(podFolder.resolve("volumes").resolve(volume.getName()));
            String namespace = pod.getMetadata().getNamespace();
            if (volume.getConfigMap() != null) {
                var source = volume.getConfigMap();
                write(folder, configMap(namespace, source.getName(), isTrue(source.getOptional())), source.getItems());
            } else if (volume.getSecret() != null) {
                var source = volume.getSecret();
                write(
                        folder,
                        secret(namespace, source.getSecretName(), isTrue(source.getOptional())),
                        source.getItems());
            } else if (volume.getEmptyDir() == null) {
                throw new CannotStart(
                        "CreateContainerConfigError",
                        "The stand-in kubelet knows volumes of hostPath, emptyDir, configMap and secret; \""
                                + volume.getName() + "\" of pod "
                                + pod.getMetadata().getName() + " is another.");
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("The volume " + volume.getName() + " cannot be made", e);
        }
    }

    /** The data of a ConfigMap. */
    Map<String, byte[]> configMap(String namespace, String name, boolean optional) {
        ConfigMap found =
                client.configMaps().inNamespace(namespace).withName(name).get();
        var data = new LinkedHashMap<String, byte[]>();
        if (found == null) {
            return orMissing("configmap", name, optional, data);
        }
        found.getData().forEach((key, value) -> data.put(key, value.getBytes(StandardCharsets.UTF_8)));
        found.getBinaryData()
                .forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value)));
        return data;
    }

    /** The data of a Secret. */
    Map<String, byte[]> secret(String namespace, String name, boolean optional) {
        Secret found = client.secrets().inNamespace(namespace).withName(name).get();
        var data = new LinkedHashMap<String, byte[]>();
        if (found == null) {
            return orMissing("secret", name, optional, data);
        }
        found.getData()
                .forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value)));
        return data;
    }

    private static Map<String, byte[]> orMissing(String kind, String name, boolean optional, Map<String, byte[]> none) {
        if (optional) {
            return none;
        }
        throw new CannotStart("CreateContainerConfigError", kind + " \"" + name + "\" not found");
    }

    static boolean isTrue(Boolean flag) {
        return Boolean.TRUE.equals(flag);
    }

    private static void write(Path folder, Map<String, byte[]> data, List<KeyToPath> items) throws IOException {
        var paths = new LinkedHashMap<String, String>();
        items.forEach(item -> paths.put(item.getKey(), item.getPath()));
        for (var entry : data.entrySet()) {
            if (items.isEmpty() || paths.containsKey(entry.getKey())) {
                Path file = folder.resolve(paths.getOrDefault(entry.getKey(), entry.getKey()));
                Files.createDirectories(file.getParent());
                Files.write(file, entry.getValue());
            }
        }
    }
}
