package health.vantage.models.operator.fleet;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ComputeTierStatus;
import health.vantage.models.api.ModelNode;
import health.vantage.models.operator.runtime.FleetSources;
import health.vantage.models.operator.runtime.OperatorConfig;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Labels a tier's nodes, gives each a ModelNode, and runs the runner on them. */
@ControllerConfiguration(
        name = "computetier",
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 1, timeUnit = TimeUnit.MINUTES))
public class ComputeTierReconciler implements Reconciler<ComputeTier> {
    private static final Duration WHILE_UPGRADING = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final TierApplier applier;
    private final OperatorConfig config;
    private final Clock clock;
    private InformerEventSource<Node, ComputeTier> nodes;
    private InformerEventSource<ModelNode, ComputeTier> modelNodes;
    private InformerEventSource<Pod, ComputeTier> pods;

    ComputeTierReconciler(KubernetesClient client, TierApplier applier, OperatorConfig config, Clock clock) {
        this.client = client;
        this.applier = applier;
        this.config = config;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ComputeTier>> prepareEventSources(EventSourceContext<ComputeTier> context) {
        var tiers = context.getPrimaryCache();
        nodes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Node.class, ComputeTier.class)
                        .withSecondaryToPrimaryMapper(
                                _ -> tiers.list().map(ResourceID::fromResource).collect(Collectors.toSet()))
                        .withOnUpdateFilter(FleetSources::nodeChanged)
                        .build(),
                context);
        modelNodes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ModelNode.class, ComputeTier.class)
                        .withSecondaryToPrimaryMapper(node -> named(
                                node.getSpec() == null ? null : node.getSpec().tier()))
                        .withOnUpdateFilter(FleetSources::specChanged)
                        .build(),
                context);
        pods = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, ComputeTier.class)
                        .withNamespaces(config.namespace())
                        .withLabelSelector("app.kubernetes.io/name=vantage-runner")
                        .withSecondaryToPrimaryMapper(pod ->
                                named(FleetSources.labels(pod).get(health.vantage.models.api.ApiGroup.TIER_LABEL)))
                        .build(),
                context);
        InformerEventSource<DaemonSet, ComputeTier> daemonSets = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(DaemonSet.class, ComputeTier.class)
                        .withNamespaces(config.namespace())
                        .withLabelSelector("app.kubernetes.io/name=vantage-runner")
                        .withSecondaryToPrimaryMapper(set ->
                                named(FleetSources.labels(set).get(health.vantage.models.api.ApiGroup.TIER_LABEL)))
                        .withOnUpdateFilter(FleetSources::specChanged)
                        .build(),
                context);
        return List.of(nodes, modelNodes, pods, daemonSets);
    }

    @Override
    public UpdateControl<ComputeTier> reconcile(ComputeTier cached, Context<ComputeTier> context) {
        ComputeTier tier = client.resource(cached).get();
        if (tier == null || tier.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate();
        }
        Instant now = clock.instant();
        ComputeTierStatus last = TierStatus.last(tier);
        String name = tier.getMetadata().getName();
        var membership =
                Membership.of(name, tier.getSpec().nodeSelector(), nodes.list().toList(), last.unmatched(), now);
        admit(tier, membership);

        List<Pod> runners = pods.list()
                .filter(pod -> name.equals(FleetSources.labels(pod).get(health.vantage.models.api.ApiGroup.TIER_LABEL)))
                .toList();
        String wanted = tier.getSpec().runner().image();
        RunnerUpgrade upgrade = RunnerUpgrade.next(runners, wanted, now);
        Optional<String> failedOn = failedOn(tier, last, upgrade);
        String image = failedOn.isPresent() && last.lastGoodImage() != null ? last.lastGoodImage() : wanted;
        applier.runner(tier, image);
        switch (RunnerUpgrade.next(runners, image, now)) {
            case RunnerUpgrade.Replace replace -> applier.restart(replace.pod());
            case RunnerUpgrade.Nothing _, RunnerUpgrade.GoBack _ -> {}
        }
        long ready = runners.stream().filter(RunnerUpgrade::isReady).count();
        boolean allOnWanted = !runners.isEmpty()
                && runners.stream()
                        .allMatch(pod -> RunnerUpgrade.isReady(pod)
                                && RunnerUpgrade.image(pod).equals(wanted));
        ComputeTierStatus status =
                TierStatus.of(tier, membership, ready, failedOn, allOnWanted ? wanted : last.lastGoodImage(), now);
        boolean written = write(tier, status);
        boolean settled = written
                && ready == membership.members().size()
                && membership.unmatched().isEmpty();
        return UpdateControl.<ComputeTier>noUpdate()
                .rescheduleAfter(settled ? Duration.ofSeconds(60) : WHILE_UPGRADING);
    }

    private void admit(ComputeTier tier, Membership membership) {
        Map<String, ModelNode> known = modelNodes
                .list()
                .collect(Collectors.toMap(node -> node.getMetadata().getName(), node -> node));
        membership.join().forEach(node -> {
            applier.label(node, tier.getMetadata().getName());
            applier.modelNode(node, tier);
        });
        membership.members().stream()
                .filter(node -> !isModelNodeOf(known.get(node.getMetadata().getName()), node, tier))
                .forEach(node -> applier.modelNode(node, tier));
        membership.leave().forEach(node -> {
            applier.unlabel(node);
            applier.forgetModelNode(node);
        });
    }

    private static boolean isModelNodeOf(ModelNode modelNode, Node node, ComputeTier tier) {
        return modelNode != null
                && modelNode.getSpec() != null
                && tier.getMetadata().getName().equals(modelNode.getSpec().tier())
                && modelNode.getMetadata().getOwnerReferences().stream().anyMatch(owner -> owner.getUid()
                        .equals(node.getMetadata().getUid()));
    }

    /** Once gone back, a tier stays there until somebody sets another image: the condition remembers. */
    private static Optional<String> failedOn(ComputeTier tier, ComputeTierStatus last, RunnerUpgrade upgrade) {
        if (upgrade instanceof RunnerUpgrade.GoBack back) {
            return Optional.of(back.node());
        }
        return last.conditions().stream()
                .filter(c -> c.reason().equals(health.vantage.models.operator.Reason.UpgradeRolledBack.name()))
                .filter(c -> java.util.Objects.equals(
                        c.observedGeneration(), tier.getMetadata().getGeneration()))
                .map(c -> c.message().replaceFirst(".* did not become ready on ([^;]+);.*", "$1"))
                .findFirst();
    }

    private boolean write(ComputeTier tier, ComputeTierStatus status) {
        if (status.equals(tier.getStatus())) {
            return true;
        }
        var next = new ComputeTier();
        next.setMetadata(tier.getMetadata());
        next.setSpec(tier.getSpec());
        next.setStatus(status);
        try {
            client.resource(next).updateStatus();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private static Set<ResourceID> named(String tier) {
        return tier == null ? Set.of() : Set.of(new ResourceID(tier));
    }
}
