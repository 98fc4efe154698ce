package health.vantage.models.operator;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.Set;

/** The arrows between modules and packages: what is pure stays pure. */
@AnalyzeClasses(packages = "health.vantage.models", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] CORE = {"..operator.plan..", "..operator.rollout.."};

    private static final DescribedPredicate<JavaAccess<?>> READS_THE_TIME =
            describe("reads the time or chance", access -> {
                String owner = access.getTarget().getOwner().getName();
                String name = access.getTarget().getName();
                return owner.startsWith("java.time.") && name.equals("now")
                        || owner.equals("java.lang.System")
                                && Set.of("currentTimeMillis", "nanoTime", "getenv", "getProperty")
                                        .contains(name)
                        || owner.equals("java.lang.Math") && name.equals("random")
                        || owner.equals("java.util.UUID") && name.equals("randomUUID");
            });

    private static final DescribedPredicate<JavaClass> OURS = describe(
            "ours, outside api",
            type -> type.getPackageName().startsWith("health.vantage.models")
                    && !type.getPackageName().startsWith("health.vantage.models.api"));

    @ArchTest
    static final ArchRule theCoreKnowsNoClientAndNoFramework = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.fabric8.kubernetes.client..",
                    "io.javaoperatorsdk..",
                    "io.quarkus..",
                    "io.quarkiverse..",
                    "jakarta..",
                    "io.micrometer..",
                    "org.slf4j..",
                    "org.jboss..");

    @ArchTest
    static final ArchRule theCoreReadsAndWritesNothing = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.net..", "java.nio..", "java.util.concurrent..");

    @ArchTest
    static final ArchRule theCoreIsToldTheTime = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .accessTargetWhere(READS_THE_TIME)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.util.Random.class);

    @ArchTest
    static final ArchRule theCoreKnowsOnlyItselfOfTheOperator = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .dependOnClassesThat(describe(
                    "of the operator, outside the core",
                    type -> type.getPackageName().startsWith("health.vantage.models.operator")
                            && !type.getPackageName().matches(".*\\.operator\\.(plan|rollout)")
                            && !type.isEquivalentTo(Reason.class)));

    @ArchTest
    static final ArchRule planningDoesNotKnowRollouts = noClasses()
            .that()
            .resideInAPackage("..operator.plan..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..operator.rollout..");

    @ArchTest
    static final ArchRule theOperatorDoesNotKnowTheRunnerOrTheCli = noClasses()
            .that()
            .resideInAPackage("health.vantage.models.operator..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("health.vantage.models.runner..", "health.vantage.models.cli..", "io.grpc..");

    @ArchTest
    static final ArchRule theApiDependsOnNothingOfOurs = noClasses()
            .that()
            .resideInAPackage("health.vantage.models.api..")
            .should()
            .dependOnClassesThat(OURS);

    @ArchTest
    static final ArchRule artifactsKnowNoKubernetes = noClasses()
            .that()
            .resideInAPackage("health.vantage.models.artifact..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.fabric8..",
                    "io.quarkus..",
                    "io.javaoperatorsdk..",
                    "health.vantage.models.api..",
                    "health.vantage.models.operator..");

    @ArchTest
    static final ArchRule onlyTheKeylessModuleKnowsSigstore = noClasses()
            .that()
            .resideOutsideOfPackage("health.vantage.models.keyless..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.sigstore..", "org.bouncycastle..", "health.vantage.models.keyless..");

    @ArchTest
    static final ArchRule theKeylessModuleChecksForTheArtifactLibraryAlone = noClasses()
            .that()
            .resideInAPackage("health.vantage.models.keyless..")
            .should()
            .dependOnClassesThat(describe(
                    "ours, outside keyless and artifact",
                    type -> type.getPackageName().startsWith("health.vantage.models")
                            && !type.getPackageName().matches("health\\.vantage\\.models\\.(keyless|artifact)\\b.*")));
}
