package health.vantage.models.operator.deployment;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeploymentSpec.ResolvePolicy;
import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.api.Span;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.resolve.Registry;
import health.vantage.models.operator.resolve.Resolved;
import health.vantage.models.operator.resolve.SpecCheck;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.semver4j.Semver;

/** Turns the spec into a desired ModelRevision, when it is time to look. */
@ApplicationScoped
class ResolveStep {
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(15);

    private final Registry registry;
    private final KubernetesClient client;

    ResolveStep(Registry registry, KubernetesClient client) {
        this.registry = registry;
        this.client = client;
    }

    void run(Observed observed, StatusDraft draft) {
        Optional<SpecCheck.Problem> problem =
                SpecCheck.problem(observed.deployment().getSpec(), observed.tiers());
        if (problem.isPresent()) {
            draft.condition(
                    ConditionType.Resolved,
                    Status.False,
                    problem.get().reason(),
                    problem.get().message());
            return;
        }
        String resolve = annotation(observed, ApiGroup.RESOLVE_ANNOTATION);
        if (!due(observed, draft, resolve)) {
            return;
        }
        draft.resolvedAt = draft.now().truncatedTo(ChronoUnit.MILLIS).toString();
        draft.handledResolve = resolve;
        switch (registry.resolve(observed.deployment(), observed.tiers())) {
            case Resolved.Unresolved not ->
                draft.condition(ConditionType.Resolved, Status.False, not.reason(), not.message());
            case Resolved.Unverified not -> {
                draft.condition(ConditionType.Resolved, Status.True, Reason.Resolved, "the artifact was found");
                draft.condition(ConditionType.Verified, Status.False, not.reason(), not.message());
            }
            case Resolved.Revision found -> accept(observed, draft, found);
        }
    }

    /** When to look again: the poll interval, sooner after a failure; empty where only a person's act counts. */
    static Optional<Duration> next(Observed observed, StatusDraft draft) {
        if (draft.resolvedAt == null) {
            return Optional.empty();
        }
        Duration wait;
        if (failed(draft)) {
            wait = AFTER_A_FAILURE;
        } else if (observed.deployment().getSpec().resolve().policy() == ResolvePolicy.Poll) {
            wait = Span.parse(observed.deployment().getSpec().resolve().interval());
        } else {
            return Optional.empty();
        }
        Duration left =
                Duration.between(draft.now(), Instant.parse(draft.resolvedAt).plus(wait));
        return Optional.of(left.isNegative() ? Duration.ZERO : left);
    }

    private static boolean due(Observed observed, StatusDraft draft, String resolve) {
        boolean specChanged = draft.observedGeneration() != draft.generation();
        Phase phase = draft.rollout.phase();
        if (phase.underWay() && phase != Phase.Staging) {
            return false;
        }
        if (specChanged || draft.resolvedAt == null) {
            return true;
        }
        // Tags are resolved once per epoch: what moves meanwhile waits for the next.
        if (phase.underWay()) {
            return false;
        }
        return resolve != null && !resolve.equals(draft.handledResolve)
                || retryRequested(observed, draft)
                || next(observed, draft).filter(Duration::isZero).isPresent();
    }

    private static boolean failed(StatusDraft draft) {
        return draft.isFalse(ConditionType.Resolved) || draft.isFalse(ConditionType.Verified);
    }

    static boolean retryRequested(Observed observed, StatusDraft draft) {
        String retry = annotation(observed, ApiGroup.RETRY_ANNOTATION);
        return retry != null && !retry.equals(draft.handledRetry);
    }

    static String annotation(Observed observed, String name) {
        Map<String, String> annotations = observed.deployment().getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(name);
    }

    private void accept(Observed observed, StatusDraft draft, Resolved.Revision found) {
        ModelRevision revision = found.revision();
        Optional<String> lower = downgrade(observed, draft, revision.getSpec().version());
        if (lower.isPresent()) {
            draft.condition(ConditionType.Resolved, Status.False, Reason.Downgrade, lower.get());
            return;
        }
        keep(revision);
        draft.desired = new RevisionRef(
                revision.getMetadata().getName(), revision.getSpec().version());
        draft.model = revision.getSpec().model();
        draft.condition(
                ConditionType.Resolved,
                Status.True,
                Reason.Resolved,
                revision.getSpec().version() + " as " + revision.getMetadata().getName());
        if (found.verifiedBy().isEmpty()) {
            draft.condition(
                    ConditionType.Verified,
                    Status.True,
                    Reason.NotRequired,
                    "no keys are named, and this operator does not require signatures");
        } else {
            draft.condition(
                    ConditionType.Verified, Status.True, Reason.Verified, "signed by key " + found.verifiedBy());
        }
    }

    /** A tag that moves backwards may be an attack with an old, validly signed, vulnerable version. */
    private static Optional<String> downgrade(Observed observed, StatusDraft draft, String version) {
        if (observed.deployment().getSpec().model().capabilities() == null || draft.lastGood == null) {
            return Optional.empty();
        }
        Semver now = Semver.parse(version);
        Semver good = Semver.parse(draft.lastGood.version());
        return now != null && good != null && now.isLowerThan(good)
                ? Optional.of("the tags mean " + version + " now, which is older than " + good
                        + " that serves: to go back on purpose set spec.model.version: " + version
                        + " in place of capabilities")
                : Optional.empty();
    }

    private void keep(ModelRevision revision) {
        try {
            client.resource(revision).create();
        } catch (KubernetesClientException e) {
            // Named after its content: what is there already is the same.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    /** Whether the desired revision is another than the one of the attempt under way. */
    static boolean superseded(StatusDraft draft) {
        return draft.desired != null && !Objects.equals(draft.desired.name(), draft.rollout.revision());
    }
}
