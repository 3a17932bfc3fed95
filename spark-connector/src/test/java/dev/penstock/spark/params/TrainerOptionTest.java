package dev.penstock.spark.params;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainerOptionTest {
  static Stream<StageOption> optionIsDocumented() {
    return Stream.of(TrainerOption.values(), GeneratorOption.values()).flatMap(Arrays::stream);
  }

  @ParameterizedTest
  @MethodSource
  void optionIsDocumented(StageOption option) {
    assertThat(option.doc()).matches("[A-Z].*\\.").hasSizeGreaterThan(20);
    if (option.defaultValue() != null) {
      assertThat(option.doc()).contains("Default: " + option.defaultValue());
      assertThat(option.domain().contains(option.defaultValue())).isTrue();
      assertThat(option.defaultValue()).isInstanceOf(option.domain().type());
    }
  }

  @Test
  void namesAreUnique() {
    assertThat(Arrays.stream(TrainerOption.values()).map(TrainerOption::paramName))
        .doesNotHaveDuplicates();
  }

  @Test
  void domainsHoldWhatTheySay() {
    assertThat(Domain.intAtLeast(2).contains(2)).isTrue();
    assertThat(Domain.intAtLeast(2).contains(1)).isFalse();
    assertThat(Domain.aboveZero().contains(0.0)).isFalse();
    assertThat(Domain.atLeastZero().contains(0.0)).isTrue();
    assertThat(Domain.atLeastZero().contains(Double.NaN)).isFalse();
    assertThat(Domain.atLeastZero().contains(Double.POSITIVE_INFINITY)).isFalse();
    assertThat(Domain.fraction().contains(1.0)).isFalse();
    assertThat(Domain.probability().contains(1.0)).isTrue();
    assertThat(Domain.probability().contains(1.5)).isFalse();
    assertThat(Domain.anyLong().contains(Long.MIN_VALUE)).isTrue();
    assertThat(Domain.aboveZeroOrInfinite().contains(Double.POSITIVE_INFINITY)).isTrue();
    assertThat(Domain.aboveZeroOrInfinite().contains(0.0)).isFalse();
    assertThat(Domain.texts().contains(new String[] {"a", " "})).isFalse();
    assertThat(Domain.text().contains(" ")).isFalse();
    assertThat(Domain.oneOf("a", "b").contains("b")).isTrue();
    assertThat(Domain.oneOf("a", "b").contains("c")).isFalse();
  }
}
