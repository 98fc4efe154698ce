package health.vantage.models.operator.deployment;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentSpec;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.operator.runtime.FleetSources;
import health.vantage.models.operator.runtime.OperatorConfig;
import health.vantage.models.operator.runtime.Runners;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The shell around {@link DeploymentPass}: watches what a ModelDeployment depends on.
 *
 * <p>Events of every kind are taken, not only those of a new generation: annotations ask for retries, and JOSDK 5.3 can
 * lose a spec update that lands while a status is written (java-operator-sdk issues 3398, 3455, 3484). For the same
 * reason the longest time between two looks is a minute, and the object is read from the API server at each.
 *
 * <p>A gap between two looks limits their rate and gathers events; many in a longer time would let nodes that finish together
 * wait for its end. JOSDK 5.3 waits for as long as has passed, not as is left: up to twice the gap.
 */
@ControllerConfiguration(
        name = "modeldeployment",
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 1, timeUnit = TimeUnit.MINUTES))
@RateLimited(maxReconciliations = 1, within = 100, unit = TimeUnit.MILLISECONDS)
public class ModelDeploymentReconciler implements Reconciler<ModelDeployment>, Cleaner<ModelDeployment> {
    private final KubernetesClient client;
    private final DeploymentPass pass;
    private final OperatorConfig config;
    private InformerEventSource<ComputeTier, ModelDeployment> tiers;
    private InformerEventSource<Node, ModelDeployment> nodes;
    private InformerEventSource<Pod, ModelDeployment> runners;
    private InformerEventSource<ModelNode, ModelDeployment> modelNodes;
    private InformerEventSource<ModelRevision, ModelDeployment> revisions;
    private IndexerResourceCache<ModelDeployment> deployments;

    ModelDeploymentReconciler(KubernetesClient client, DeploymentPass pass, OperatorConfig config) {
        this.client = client;
        this.pass = pass;
        this.config = config;
    }

    @Override
    public List<EventSource<?, ModelDeployment>> prepareEventSources(EventSourceContext<ModelDeployment> context) {
        deployments = context.getPrimaryCache();
        tiers = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ComputeTier.class, ModelDeployment.class)
                        .withSecondaryToPrimaryMapper(tier -> those(d ->
                                d.getSpec().tiers().contains(tier.getMetadata().getName())))
                        .withOnUpdateFilter(FleetSources::specChanged)
                        .build(),
                context);
        nodes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Node.class, ModelDeployment.class)
                        .withSecondaryToPrimaryMapper(node -> those(d -> FleetSources.tierOf(node)
                                .filter(d.getSpec().tiers()::contains)
                                .isPresent()))
                        .withOnUpdateFilter(FleetSources::nodeChanged)
                        .build(),
                context);
        runners = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, ModelDeployment.class)
                        .withNamespaces(config.namespace())
                        .withLabelSelector(Runners.SELECTOR)
                        .withSecondaryToPrimaryMapper(pod -> those(d -> d.getSpec()
                                .tiers()
                                .contains(FleetSources.labels(pod).getOrDefault(ApiGroup.TIER_LABEL, ""))))
                        .withOnUpdateFilter(Runners::changed)
                        .build(),
                context);
        modelNodes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ModelNode.class, ModelDeployment.class)
                        .withSecondaryToPrimaryMapper(node -> those(d -> node.getSpec() != null
                                && d.getSpec().tiers().contains(node.getSpec().tier())))
                        .build(),
                context);
        revisions = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ModelRevision.class, ModelDeployment.class)
                        .build(),
                context);
        return List.of(tiers, nodes, runners, modelNodes, revisions);
    }

    @Override
    public UpdateControl<ModelDeployment> reconcile(ModelDeployment cached, Context<ModelDeployment> context) {
        ModelDeployment deployment = client.resource(cached).get();
        if (deployment == null || deployment.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate();
        }
        if (deployment.getSpec() == null) {
            // The schema does not insist on a spec: one without is told what it lacks, like any other that is wrong.
            deployment.setSpec(new ModelDeploymentSpec(null, null, null, null, null, null, null, null, null));
        }
        Duration next = pass.run(observe(deployment));
        return UpdateControl.<ModelDeployment>noUpdate().rescheduleAfter(next);
    }

    /** Nodes forget the model; one that is away does when it returns, since the instruction is gone by then. */
    @Override
    public DeleteControl cleanup(ModelDeployment deployment, Context<ModelDeployment> context) {
        pass.forget(observe(deployment));
        return DeleteControl.defaultDelete();
    }

    private Observed observe(ModelDeployment deployment) {
        return Observed.of(
                deployment, all(tiers), all(nodes), all(runners), all(modelNodes), all(revisions), deployments.list());
    }

    private static <R extends io.fabric8.kubernetes.api.model.HasMetadata> Stream<R> all(
            InformerEventSource<R, ModelDeployment> source) {
        return source.list();
    }

    private Set<ResourceID> those(Predicate<ModelDeployment> affected) {
        return deployments
                .list()
                .filter(deployment -> deployment.getSpec() != null && affected.test(deployment))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }
}
