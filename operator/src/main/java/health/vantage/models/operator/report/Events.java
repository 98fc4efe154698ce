package health.vantage.models.operator.report;

import health.vantage.models.api.ModelDeployment;
import health.vantage.models.operator.runtime.OperatorConfig;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells transitions as Kubernetes events ({@code events.k8s.io/v1}). */
@ApplicationScoped
public class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final String CONTROLLER = "models.vantage.health/operator";

    /** RFC 3339 with exactly six decimals: the API server takes no other form of a MicroTime. */
    private static final DateTimeFormatter MICRO = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

    private static final int LONGEST_NOTE = 1000;
    private static final int LONGEST_STEM = 220;

    private final KubernetesClient client;
    private final Clock clock;
    private final String instance;
    private final AtomicLong count = new AtomicLong();

    public Events(KubernetesClient client, Clock clock, OperatorConfig config) {
        this.client = client;
        this.clock = clock;
        this.instance = config.podName().orElse("vantage-operator");
    }

    /** Names end at 253 characters; what follows the stem has at most 28. */
    private static String stem(String name) {
        return name.length() <= LONGEST_STEM
                ? name
                : name.substring(0, LONGEST_STEM).replaceFirst("[^a-z0-9]+$", "");
    }

    /** An event that cannot be written is logged: it must not stop a rollout. */
    public void tell(ModelDeployment about, Transition transition) {
        String note = transition.message();
        var event = new EventBuilder()
                .withNewMetadata()
                .withName(stem(about.getMetadata().getName()) + "." + Long.toHexString(clock.millis())
                        + Long.toHexString(count.incrementAndGet()))
                .withNamespace(about.getMetadata().getNamespace())
                .endMetadata()
                .withEventTime(new MicroTime(MICRO.format(clock.instant().atZone(ZoneOffset.UTC))))
                .withReportingController(CONTROLLER)
                .withReportingInstance(instance)
                .withAction("Rollout")
                .withReason(transition.name())
                .withType(transition.warning() ? "Warning" : "Normal")
                .withNote(note.length() > LONGEST_NOTE ? note.substring(0, LONGEST_NOTE) : note)
                .withRegarding(new ObjectReferenceBuilder()
                        .withApiVersion(about.getApiVersion())
                        .withKind(about.getKind())
                        .withName(about.getMetadata().getName())
                        .withNamespace(about.getMetadata().getNamespace())
                        .withUid(about.getMetadata().getUid())
                        .build())
                .build();
        LOG.info(
                "{}/{}: {}: {}",
                about.getMetadata().getNamespace(),
                about.getMetadata().getName(),
                transition.name(),
                transition.message());
        try {
            client.resource(event).create();
        } catch (KubernetesClientException e) {
            LOG.warn("The event {} could not be written: {}", transition.name(), e.getMessage());
        }
    }
}
