package health.vantage.models.system.harness;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Hands the one {@link RealCluster} of this test JVM to constructors and test methods that ask for it. It starts with the
 * first test and ends with the last; when a test fails its logs are kept and their folder is printed.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RealClusterExtension.class)
public @interface WithRealCluster {}
