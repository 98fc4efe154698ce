package health.vantage.models.operator.rollout;

/** What decides whether an attempt leaves a phase. */
interface PhaseRule {
    Verdict judge(Attempt attempt);
}
