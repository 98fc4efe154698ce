package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The environment variables that a pod's spec gives to a container. */
record PodEnvironment(PodVolumes sources, Pod pod) {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Za-z_.][\\w.-]*)\\)");
    private static final Pattern SUBSCRIPT = Pattern.compile("metadata\\.(labels|annotations)\\['([^']+)']");

    Map<String, String> of(Container container) {
        var environment = new LinkedHashMap<String, String>();
        for (EnvFromSource source : container.getEnvFrom()) {
            environment.putAll(all(source));
        }
        for (EnvVar variable : container.getEnv()) {
            String value = variable.getValueFrom() == null
                    ? expand(variable.getValue() == null ? "" : variable.getValue(), environment)
                    : value(container, variable.getName(), variable.getValueFrom());
            if (value != null) {
                environment.put(variable.getName(), value);
            }
        }
        return environment;
    }

    /** {@code $(NAME)} replaced where the name is known. */
    static String expand(String text, Map<String, String> environment) {
        return REFERENCE
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(environment.getOrDefault(found.group(1), found.group())));
    }

    private Map<String, String> all(EnvFromSource source) {
        String namespace = pod.getMetadata().getNamespace();
        String prefix = source.getPrefix() == null ? "" : source.getPrefix();
        var values = new LinkedHashMap<String, String>();
        Map<String, byte[]> data;
        if (source.getConfigMapRef() != null) {
            var map = source.getConfigMapRef();
            data = sources.configMap(namespace, map.getName(), PodVolumes.isTrue(map.getOptional()));
        } else {
            var secret = source.getSecretRef();
            data = sources.secret(namespace, secret.getName(), PodVolumes.isTrue(secret.getOptional()));
        }
        data.forEach((key, value) -> values.put(prefix + key, new String(value, StandardCharsets.UTF_8)));
        return values;
    }

    private String value(Container container, String name, EnvVarSource from) {
        String namespace = pod.getMetadata().getNamespace();
        if (from.getFieldRef() != null) {
            return field(name, from.getFieldRef().getFieldPath());
        }
        if (from.getConfigMapKeyRef() != null) {
            var key = from.getConfigMapKeyRef();
            boolean optional = PodVolumes.isTrue(key.getOptional());
            return text(sources.configMap(namespace, key.getName(), optional), key.getKey(), optional);
        }
        if (from.getSecretKeyRef() != null) {
            var key = from.getSecretKeyRef();
            boolean optional = PodVolumes.isTrue(key.getOptional());
            return text(sources.secret(namespace, key.getName(), optional), key.getKey(), optional);
        }
        if (from.getResourceFieldRef() != null) {
            return resource(container, name, from.getResourceFieldRef().getResource());
        }
        throw unknown(name, "its valueFrom");
    }

    private String field(String name, String path) {
        ObjectMeta meta = pod.getMetadata();
        Matcher subscript = SUBSCRIPT.matcher(path);
        if (subscript.matches()) {
            var map = subscript.group(1).equals("labels") ? meta.getLabels() : meta.getAnnotations();
            return map == null ? "" : map.getOrDefault(subscript.group(2), "");
        }
        return switch (path) {
            case "metadata.name" -> meta.getName();
            case "metadata.namespace" -> meta.getNamespace();
            case "metadata.uid" -> meta.getUid();
            case "spec.nodeName" -> pod.getSpec().getNodeName();
            case "spec.serviceAccountName" -> pod.getSpec().getServiceAccountName();
            case "status.podIP", "status.podIPs", "status.hostIP", "status.hostIPs" -> "127.0.0.1";
            default -> throw unknown(name, path);
        };
    }

    private static String resource(Container container, String name, String resource) {
        String[] parts = resource.split("\\.", 2);
        var resources = container.getResources();
        var amounts = parts[0].equals("requests") ? resources.getRequests() : resources.getLimits();
        Quantity amount = amounts == null ? null : amounts.get(parts[1]);
        if (amount == null) {
            throw unknown(name, resource + " (which the container does not set)");
        }
        // The divisor's default is 1: bytes, or whole CPUs rounded up.
        return Quantity.getAmountInBytes(amount)
                .setScale(0, RoundingMode.CEILING)
                .toPlainString();
    }

    private static String text(Map<String, byte[]> data, String key, boolean optional) {
        byte[] value = data.get(key);
        if (value == null && !optional) {
            throw new CannotStart("CreateContainerConfigError", "couldn't find key " + key);
        }
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }

    private static CannotStart unknown(String name, String source) {
        return new CannotStart(
                "CreateContainerConfigError",
                "The stand-in kubelet cannot give the variable " + name + " its value from " + source + ".");
    }
}
