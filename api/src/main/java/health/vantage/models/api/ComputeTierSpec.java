package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;

/** How nodes of this tier are recognised and run. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ComputeTierSpec(
        @Required @JsonPropertyDescription("Which nodes belong here")
        LabelSelector nodeSelector,

        @Required
        @Size(min = 1, max = 32)
        @JsonPropertyDescription("The variant its nodes run: the last part of a tag, such as jetson")
        String variant,

        @Size(min = 1, max = 16)
        @JsonPropertyDescription(
                "Model formats its runner loads, such as onnx, besides those of its engines; others are refused"
                        + " before a pull. Left out, what the runner reports decides")
        List<String> formats,

        @Size(max = 8) @JsonPropertyDescription("Programs that its runner starts for formats it cannot load itself")
        List<Engine> engines,

        @Default("{}") Memory memory,
        @Required RunnerTemplate runner) {

    public ComputeTierSpec {
        formats = formats == null ? List.of() : List.copyOf(formats);
        engines = engines == null ? List.of() : List.copyOf(engines);
        memory = memory == null ? new Memory(null, null, null, null) : memory;
    }

    /** GPU memory, as far as labels do not say it. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Memory(
            @Min(1)
            @JsonPropertyDescription(
                    "MiB per GPU where no nvidia.com/gpu.memory label says; none means: ask the runner")
            Long fallbackMiB,

            @Default("0") @Min(0) @JsonPropertyDescription("MiB per GPU that are never given out")
            Long headroomMiB,

            @Default("100") @Min(1) @Max(100) @JsonPropertyDescription("Per cent of each GPU that models may take")
            Integer sharePercent,

            @Default("false") @JsonPropertyDescription("Whether the GPU shares its memory with the OS, as on a Jetson")
            Boolean shared) {
        public Memory {
            headroomMiB = headroomMiB == null ? 0L : headroomMiB;
            sharePercent = sharePercent == null ? 100 : sharePercent;
            shared = shared != null && shared;
        }
    }

    /** Which of a node's GPUs its runner sees. */
    public enum Gpus {
        One,
        All
    }

    /** The pod that serves models on each node of the tier. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(
            value = "!has(self.clientCaSecret) || has(self.tlsSecret)",
            message = "clientCaSecret needs tlsSecret: without TLS no client can show a certificate")
    public record RunnerTemplate(
            @Required @Size(min = 1, max = 512) String image,

            @JsonPropertyDescription("Such as nvidia, where containerd needs it for GPU access")
            String runtimeClassName,

            @JsonPropertyDescription("Extended resource to ask for, such as nvidia.com/gpu; none on CPU nodes")
            String gpuResource,

            @Default("One")
            @JsonPropertyDescription(
                    "One: the GPU that the device plugin gives it, which is all that the plan counts. All: every GPU"
                            + " of the node, through the NVIDIA runtime without asking the plugin; nobody else should get one there")
            Gpus gpus,

            ResourceRequirements resources,
            List<Toleration> tolerations,
            List<EnvVar> env,

            @Default("/var/lib/vantage/models")
            @JsonPropertyDescription("Folder on the node that outlives the pod: the cache and the journal")
            String cacheHostPath,

            @JsonPropertyDescription(
                    "A kubernetes.io/dockerconfigjson Secret in the operator's namespace, for pulling models")
            String registrySecret,

            @JsonPropertyDescription(
                    "A kubernetes.io/tls Secret in the operator's namespace: both ports speak TLS with it, and"
                            + " it is read again when it changes")
            String tlsSecret,

            @JsonPropertyDescription("A Secret in the operator's namespace whose ca.crt must have signed every client's"
                    + " certificate; needs tlsSecret, and may be the same")
            String clientCaSecret,

            @JsonPropertyDescription(
                    "A Secret in the operator's namespace with a file tokens: lines of name: token, one of"
                            + " which every client must send")
            String tokensSecret,

            @Size(max = 8) @JsonPropertyDescription("Secrets for pulling the runner's own image")
            List<String> imagePullSecrets,

            @Default("50051") @Min(1) @Max(65535) Integer grpcPort,
            @Default("8080") @Min(1) @Max(65535) Integer httpPort) {
        public RunnerTemplate {
            gpus = gpus == null ? Gpus.One : gpus;
            tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
            env = env == null ? List.of() : List.copyOf(env);
            imagePullSecrets = imagePullSecrets == null ? List.of() : List.copyOf(imagePullSecrets);
            cacheHostPath = cacheHostPath == null ? "/var/lib/vantage/models" : cacheHostPath;
            grpcPort = grpcPort == null ? 50051 : grpcPort;
            httpPort = httpPort == null ? 8080 : httpPort;
        }
    }
}
