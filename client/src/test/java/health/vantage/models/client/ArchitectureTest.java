package health.vantage.models.client;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "health.vantage.models.client", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final DescribedPredicate<JavaClass> OURS = describe(
            "ours, and neither the client nor the protocols",
            type -> type.getPackageName().startsWith("health.vantage.models")
                    && !type.getPackageName().startsWith("health.vantage.models.client")
                    && !type.getPackageName().startsWith("health.vantage.models.runner.proto"));

    @ArchTest
    static final ArchRule theClientKnowsTheProtocolsAndNothingElseOfOurs = noClasses()
            .should()
            .dependOnClassesThat(OURS)
            .because("a program that asks a runner must not bring a server with it");
}
