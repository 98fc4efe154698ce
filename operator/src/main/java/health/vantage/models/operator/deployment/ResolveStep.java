package health.vantage.models.operator.deployment;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeploymentSpec.ResolvePolicy;
import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.ModelRevisionSpec;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.api.Span;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.resolve.Registry;
import health.vantage.models.operator.resolve.Resolved;
import health.vantage.models.operator.resolve.SpecCheck;
import health.vantage.models.operator.rollout.Trigger;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
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

    /** @return what was observed, with the revision that this step made: no cache shows it yet */
    Observed run(Observed observed, StatusDraft draft) {
        Optional<SpecCheck.Problem> problem =
                SpecCheck.problem(observed.deployment().getSpec(), observed.tiers());
        if (problem.isPresent()) {
            draft.condition(
                    ConditionType.Resolved,
                    Status.False,
                    problem.get().reason(),
                    problem.get().message());
            return observed;
        }
        String resolve = annotation(observed, ApiGroup.RESOLVE_ANNOTATION);
        if (!due(observed, draft)) {
            return observed;
        }
        draft.resolvedAt = draft.now().truncatedTo(ChronoUnit.MILLIS).toString();
        draft.handledResolve = resolve;
        return switch (registry.resolve(observed.deployment(), observed.tiers())) {
            case Resolved.Unresolved not -> {
                draft.condition(ConditionType.Resolved, Status.False, not.reason(), not.message());
                yield observed;
            }
            case Resolved.Unverified not -> {
                draft.condition(ConditionType.Resolved, Status.True, Reason.Resolved, "the artifact was found");
                draft.condition(ConditionType.Verified, Status.False, not.reason(), not.message());
                yield observed;
            }
            case Resolved.Revision found -> accept(observed, draft, found);
        };
    }

    /**
     * When to ask the registry again: after the poll interval, sooner after a failure. Empty where only a person's act counts, and
     * where it is not asked whatever the time: mostly during a rollout, and with a spec that is wrong.
     */
    static Optional<Duration> next(Observed observed, StatusDraft draft) {
        if (draft.resolvedAt == null
                || epochHolds(draft)
                || SpecCheck.problem(observed.deployment().getSpec(), observed.tiers())
                        .isPresent()) {
            return Optional.empty();
        }
        Stream<Duration> polled = observed.deployment().getSpec().resolve().policy() == ResolvePolicy.Poll
                ? Stream.of(Span.parse(observed.deployment().getSpec().resolve().interval()))
                : Stream.empty();
        Stream<Duration> again = failed(draft) || lost(observed, draft) ? Stream.of(AFTER_A_FAILURE) : Stream.empty();
        return Stream.concat(polled, again).min(Comparator.naturalOrder()).map(wait -> {
            Duration left = Duration.between(
                    draft.now(), Instant.parse(draft.resolvedAt).plus(wait));
            return left.isNegative() ? Duration.ZERO : left;
        });
    }

    static boolean due(Observed observed, StatusDraft draft) {
        String resolve = annotation(observed, ApiGroup.RESOLVE_ANNOTATION);
        // Not the status' observedGeneration: an edit that comes while nodes swap is seen at once and resolved later.
        boolean specChanged = !draft.speaksOfThisSpec(ConditionType.Resolved);
        Phase phase = draft.rollout.phase();
        if (phase.underWay() && phase != Phase.Staging) {
            return false;
        }
        if (specChanged || draft.resolvedAt == null) {
            return true;
        }
        boolean timeIsUp = next(observed, draft).filter(Duration::isZero).isPresent();
        // A retry is handled when nothing is under way, and would be asked for at every look until then.
        boolean requested = !phase.underWay()
                && (resolve != null && !resolve.equals(draft.handledResolve) || retryRequested(observed, draft));
        return timeIsUp || requested;
    }

    /**
     * Whether the registry is left alone until the rollout is over: tags are resolved once per epoch, and what moves meanwhile waits
     * for the next. But an edit that could not be resolved while nodes stage is tried again, before they swap to what nobody wants
     * any more.
     */
    private static boolean epochHolds(StatusDraft draft) {
        Phase phase = draft.rollout.phase();
        return phase.underWay() && !(phase == Phase.Staging && failed(draft));
    }

    private static boolean failed(StatusDraft draft) {
        return draft.isFalse(ConditionType.Resolved) || draft.isFalse(ConditionType.Verified);
    }

    /** Whether the revision to be rolled out next was deleted; one that only has not reached the cache comes in time. */
    private static boolean lost(Observed observed, StatusDraft draft) {
        return draft.desired != null
                && !Trigger.satisfied(draft.rollout, draft.desired)
                && observed.revision(draft.desired.name()).isEmpty();
    }

    static boolean retryRequested(Observed observed, StatusDraft draft) {
        String retry = annotation(observed, ApiGroup.RETRY_ANNOTATION);
        return retry != null && !retry.equals(draft.handledRetry);
    }

    static String annotation(Observed observed, String name) {
        Map<String, String> annotations = observed.deployment().getMetadata().getAnnotations();
        String value = annotations == null ? null : annotations.get(name);
        // An empty value cannot be remembered as handled: the status drops empty strings.
        return value == null || value.isBlank() ? null : value;
    }

    private Observed accept(Observed observed, StatusDraft draft, Resolved.Revision found) {
        ModelRevision revision = found.revision();
        Optional<String> lower = downgrade(observed, draft, revision.getSpec());
        if (lower.isPresent()) {
            draft.condition(ConditionType.Resolved, Status.False, Reason.Downgrade, lower.get());
            return observed;
        }
        ModelRevision kept = keep(revision);
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
            draft.condition(ConditionType.Verified, Status.True, Reason.Verified, found.verifiedBy());
        }
        return observed.with(kept);
    }

    /** A tag that moves backwards may be an attack with an old, validly signed, vulnerable version. */
    private static Optional<String> downgrade(Observed observed, StatusDraft draft, ModelRevisionSpec found) {
        if (observed.deployment().getSpec().model().capabilities() == null || draft.lastGood == null) {
            return Optional.empty();
        }
        boolean anotherModel = observed.revision(draft.lastGood.name())
                .filter(good -> !good.getSpec().repository().equals(found.repository()))
                .isPresent();
        if (anotherModel) {
            return Optional.empty();
        }
        String version = found.version();
        Semver now = Semver.parse(version);
        Semver good = Semver.parse(draft.lastGood.version());
        return now != null && good != null && now.isLowerThan(good)
                ? Optional.of("the tags mean " + version + " now, which is older than " + good
                        + " that serves: to go back on purpose set spec.model.version: " + version
                        + " in place of capabilities")
                : Optional.empty();
    }

    private ModelRevision keep(ModelRevision revision) {
        try {
            return client.resource(revision).create();
        } catch (KubernetesClientException e) {
            // Named after its content: what is there already is the same.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return Optional.ofNullable(client.resource(revision).get()).orElseThrow(() -> e);
        }
    }

    /** Whether the desired revision is another than the one of the attempt under way. */
    static boolean superseded(StatusDraft draft) {
        return draft.desired != null && !Objects.equals(draft.desired.name(), draft.rollout.revision());
    }
}
