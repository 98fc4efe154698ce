package health.vantage.models.operator.fleet;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ComputeTierStatus;
import health.vantage.models.api.ModelNode;
import health.vantage.models.operator.plan.NodeReading;
import health.vantage.models.operator.runtime.FleetSources;
import health.vantage.models.operator.runtime.InParallel;
import health.vantage.models.operator.runtime.OperatorConfig;
import health.vantage.models.operator.runtime.Runners;
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
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
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
@RateLimited(maxReconciliations = 1, within = 250, unit = TimeUnit.MILLISECONDS)
public class ComputeTierReconciler implements Reconciler<ComputeTier> {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration SETTLED = Duration.ofSeconds(60);

    private final KubernetesClient client;
    private final TierApplier applier;
    private final OperatorConfig config;
    private final Clock clock;
    private IndexerResourceCache<ComputeTier> tiers;
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
        tiers = context.getPrimaryCache();
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
                        // A rollout writes every ModelNode; a tier is concerned only with whose they are.
                        .withOnUpdateFilter((now, before) -> !ownership(now).equals(ownership(before)))
                        .build(),
                context);
        pods = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, ComputeTier.class)
                        .withNamespaces(config.namespace())
                        .withLabelSelector(Runners.SELECTOR)
                        .withSecondaryToPrimaryMapper(pod ->
                                named(FleetSources.labels(pod).get(health.vantage.models.api.ApiGroup.TIER_LABEL)))
                        .build(),
                context);
        InformerEventSource<DaemonSet, ComputeTier> daemonSets = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(DaemonSet.class, ComputeTier.class)
                        .withNamespaces(config.namespace())
                        .withLabelSelector(Runners.SELECTOR)
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
        List<Node> all = nodes.list().toList();
        Set<String> names = tiers.list()
                .filter(other -> other.getMetadata().getDeletionTimestamp() == null)
                .map(other -> other.getMetadata().getName())
                .collect(Collectors.toSet());
        names.add(name);
        Optional<String> refused = TierStatus.problemOfName(name);
        var membership = refused.isPresent()
                ? Membership.none()
                : Membership.of(name, names, tier.getSpec().nodeSelector(), all, last.unmatched(), now);
        admit(tier, membership, all);

        List<Pod> runners = pods.list()
                .filter(pod -> name.equals(FleetSources.labels(pod).get(health.vantage.models.api.ApiGroup.TIER_LABEL)))
                .toList();
        Set<String> reachable = membership.members().stream()
                .filter(NodeReading::isReady)
                .map(node -> node.getMetadata().getName())
                .collect(Collectors.toSet());
        RunnerUpgrade upgrade = RunnerUpgrade.next(tier.getSpec().runner().image(), last, runners, reachable, now);
        if (refused.isEmpty()) {
            refused = applier.runner(tier, upgrade.image());
        }
        long ready = runners.stream().filter(RunnerUpgrade::isReady).count();
        boolean written = write(tier, TierStatus.of(tier, membership, ready, upgrade, refused, now));
        if (written && refused.isEmpty()) {
            // Only now: that a healthy runner was taken must be known before it is.
            upgrade.restart().ifPresent(applier::restart);
        }
        boolean soon = !written || upgrade.underWay() || !membership.unmatched().isEmpty();
        return UpdateControl.<ComputeTier>noUpdate().rescheduleAfter(soon ? SOON : SETTLED);
    }

    private void admit(ComputeTier tier, Membership membership, List<Node> all) {
        Map<String, ModelNode> known = modelNodes
                .list()
                .collect(Collectors.toMap(node -> node.getMetadata().getName(), node -> node));
        InParallel.each(membership.join(), node -> {
            applier.label(node, tier.getMetadata().getName());
            applier.modelNode(node, tier);
        });
        InParallel.each(
                membership.members().stream()
                        .filter(node ->
                                !isModelNodeOf(known.get(node.getMetadata().getName()), node, tier))
                        .toList(),
                node -> applier.modelNode(node, tier));
        InParallel.each(membership.leave(), node -> {
            applier.unlabel(node);
            applier.forgetModelNode(node);
        });
        InParallel.each(membership.strays(tier.getMetadata().getName(), all, known.values()), applier::forgetModelNode);
    }

    private static List<Object> ownership(ModelNode modelNode) {
        return List.of(
                Optional.ofNullable(modelNode.getSpec())
                        .map(spec -> spec.tier())
                        .orElse(""),
                Optional.ofNullable(modelNode.getMetadata().getOwnerReferences())
                        .orElse(List.of()));
    }

    private static boolean isModelNodeOf(ModelNode modelNode, Node node, ComputeTier tier) {
        return modelNode != null
                && modelNode.getSpec() != null
                && tier.getMetadata().getName().equals(modelNode.getSpec().tier())
                && modelNode.getMetadata().getOwnerReferences().stream().anyMatch(owner -> owner.getUid()
                        .equals(node.getMetadata().getUid()));
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
