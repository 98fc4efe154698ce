package health.vantage.models.runner.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ShapeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1,3,4 | 1,3,4 | true",
                "1,-1 | 1,7 | true",
                "1,7 | 1,-1 | true",
                "1,3 | 1,4 | false",
                "1,3 | 1,3,1 | false"
            })
    void shapesAgreeWhenSomeTensorCouldHaveBoth(String one, String other, boolean agree) {
        assertThat(Shape.parse(one).agreesWith(Shape.parse(other))).isEqualTo(agree);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1,,2", "1,-2", "1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8", "99999999999999999999"})
    void whatIsNoShapeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.parse(text));
    }

    @Test
    void sizesThatOverflowAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(Long.MAX_VALUE, 2).elements());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(Long.MAX_VALUE).bytes(DataType.FP32));
    }
}
