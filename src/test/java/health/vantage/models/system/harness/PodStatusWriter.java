package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Writes the latest status of one pod to the API server, again and again until it is taken: the API server may be away, and
 * the containers must not wait for it.
 */
final class PodStatusWriter {
    private static final Duration RETRY = Duration.ofMillis(300);
    private static final Duration FOREVER = Duration.ofDays(365);
    /** Of all pods together, so that a fleet does not take the API server's whole attention. */
    private static final Semaphore AT_ONCE = new Semaphore(24);

    private final KubernetesClient client;
    private final Pod pod;
    private final Supplier<Map<String, String>> annotations;
    private final Supplier<PodStatus> status;
    private final Semaphore dirty = new Semaphore(0);
    private Map<String, String> annotated = Map.of();
    private volatile Thread thread;

    PodStatusWriter(
            KubernetesClient client, Pod pod, Supplier<Map<String, String>> annotations, Supplier<PodStatus> status) {
        this.client = client;
        this.pod = pod;
        this.annotations = annotations;
        this.status = status;
    }

    /** There is something new to write. */
    void changed() {
        dirty.release();
    }

    synchronized void start() {
        if (thread == null) {
            // It asks whether it is the wanted thread, so it must not start before the field is set.
            thread = Thread.ofVirtual()
                    .name("status-" + pod.getMetadata().getName())
                    .unstarted(this::write);
            thread.start();
            dirty.release();
        }
    }

    /** Writes nothing more until {@link #start()}. */
    synchronized void stop() {
        if (thread != null) {
            thread.interrupt();
            thread = null;
        }
    }

    private void write() {
        Thread me = Thread.currentThread();
        boolean retry = false;
        try {
            while (thread == me) {
                // A change wakes it; after a failure it tries again without one.
                dirty.tryAcquire((retry ? RETRY : FOREVER).toMillis(), TimeUnit.MILLISECONDS);
                dirty.drainPermits();
                retry = !writeOnce();
            }
        } catch (InterruptedException stopped) {
            // Another thread goes on after start().
        }
    }

    private boolean writeOnce() throws InterruptedException {
        AT_ONCE.acquire();
        try {
            var resource = client.pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(pod.getMetadata().getName());
            Map<String, String> wanted = annotations.get();
            if (!wanted.equals(annotated)) {
                resource.patch(
                        PatchContext.of(PatchType.JSON_MERGE), named(wanted).build());
                annotated = wanted;
            }
            resource.subresource("status")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            named(Map.of()).withStatus(status.get()).build());
            return true;
        } catch (KubernetesClientException e) {
            // Not found or another pod of that name: ours is gone, and the kubelet will hear of it.
            return e.getCode() == 404 || e.getCode() == 409;
        } finally {
            AT_ONCE.release();
        }
    }

    private PodBuilder named(Map<String, String> annotations) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(pod.getMetadata().getName())
                .withNamespace(pod.getMetadata().getNamespace())
                .withUid(pod.getMetadata().getUid())
                .withAnnotations(annotations.isEmpty() ? null : annotations)
                .endMetadata();
    }
}
