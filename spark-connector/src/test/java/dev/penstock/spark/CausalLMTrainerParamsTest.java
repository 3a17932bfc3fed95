package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.spark.params.TrainerOption;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CausalLMTrainerParamsTest {
  @TempDir Path folder;

  @Test
  void everyOptionIsAParam() {
    CausalLMTrainer trainer = new CausalLMTrainer();
    Map<String, String> docs =
        Arrays.stream(trainer.params()).collect(Collectors.toMap(Param::name, Param::doc));
    assertThat(docs)
        .isEqualTo(
            Stream.of(TrainerOption.values())
                .collect(Collectors.toMap(TrainerOption::paramName, TrainerOption::doc)));
    assertThat(trainer.params()).allMatch(param -> param.parent().equals(trainer.uid()));
  }

  @ParameterizedTest
  @EnumSource
  void setterAndGetterBelongToTheParam(TrainerOption option) throws ReflectiveOperationException {
    CausalLMTrainer trainer = new CausalLMTrainer();
    Object value = sample(trainer, option);
    assertThat(setter(option).invoke(trainer, value)).isSameAs(trainer);
    assertThat(getter(option).invoke(trainer)).isEqualTo(value);
    assertThat(trainer.isSet(trainer.getParam(option.paramName()))).isTrue();
  }

  @Test
  void copiesAndSavedTrainersKeepEveryParam() throws Exception {
    CausalLMTrainer trainer = new CausalLMTrainer();
    for (TrainerOption option : TrainerOption.values()) {
      setter(option).invoke(trainer, sample(trainer, option));
    }
    assertSameParams(trainer.copy(ParamMap.empty()), trainer);

    String path = folder.resolve("trainer").toUri().toString();
    TestSpark.session();
    trainer.save(path);
    assertSameParams(CausalLMTrainer.load(path), trainer);
  }

  @Test
  void optionsWithoutAValueStayUnset() throws Exception {
    String path = folder.resolve("trainer").toUri().toString();
    TestSpark.session();
    new CausalLMTrainer().save(path);
    CausalLMTrainer loaded = CausalLMTrainer.load(path);
    assertThat(loaded.isDefined(loaded.outputPath())).isFalse();
    assertThat(loaded.isSet(loaded.ppSize())).isFalse();
    assertThat(loaded.getPpSize()).isEqualTo(1);
  }

  @Test
  void copyTakesExtraParams() {
    CausalLMTrainer trainer = new CausalLMTrainer().setPpSize(2);
    CausalLMTrainer copy = trainer.copy(new ParamMap().put(trainer.learningRate().w((Object) 0.5)));
    assertThat(copy.getLearningRate()).isEqualTo(0.5);
    assertThat(copy.getPpSize()).isEqualTo(2);
    assertThat(trainer.getLearningRate()).isEqualTo(1e-4);
  }

  @Test
  void valueOutsideItsDomainIsRefused() {
    CausalLMTrainer trainer = new CausalLMTrainer();
    assertThatThrownBy(() -> trainer.setPpSize(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ppSize given invalid value 0");
    assertThatThrownBy(() -> trainer.setDevice("tpu"))
        .hasMessageContaining("device given invalid value tpu");
    assertThatThrownBy(() -> trainer.setLearningRate(Double.NaN))
        .hasMessageContaining("learningRate given invalid value NaN");
  }

  /** A registered class without a public constructor would end the list for all of them. */
  @Test
  void sparkConnectFindsTheStages() {
    assertThat(ServiceLoader.load(Estimator.class).stream().map(ServiceLoader.Provider::type))
        .contains(CausalLMTrainer.class);
    assertThat(ServiceLoader.load(Transformer.class).stream().map(ServiceLoader.Provider::type))
        .contains(CausalLMModel.class);
  }

  private static void assertSameParams(Params actual, Params expected) {
    assertThat(actual.uid()).isEqualTo(expected.uid());
    for (TrainerOption option : TrainerOption.values()) {
      Param<Object> param = actual.getParam(option.paramName());
      assertThat(actual.isSet(param)).isTrue();
      assertThat(actual.getOrDefault(param))
          .isEqualTo(expected.getOrDefault(expected.getParam(option.paramName())));
    }
  }

  /** A value that is allowed and, where there is a choice, not the default. */
  private static Object sample(CausalLMTrainer trainer, TrainerOption option) {
    Object[] candidates = {
      "cuda",
      "skip",
      "cost",
      "up",
      "cosine",
      "bfloat16",
      "warn",
      "separate",
      "stream",
      "none",
      "left",
      "some text",
      3,
      5L,
      0.25,
      true,
      new String[] {"a", "b"}
    };
    for (Object candidate : candidates) {
      if (accepts(trainer, option, candidate)) {
        return candidate;
      }
    }
    throw new AssertionError("no sample for " + option);
  }

  private static boolean accepts(CausalLMTrainer trainer, TrainerOption option, Object candidate) {
    Class<?> type = MethodType.methodType(getter(option).getReturnType()).wrap().returnType();
    if (!type.isInstance(candidate)) {
      return false;
    }
    try {
      setter(option).invoke(trainer.copy(ParamMap.empty()), candidate);
      return true;
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      return false;
    }
  }

  private static Method setter(TrainerOption option) {
    return method("set", option);
  }

  private static Method getter(TrainerOption option) {
    return method("get", option);
  }

  private static Method method(String prefix, TrainerOption option) {
    String name = option.paramName();
    String wanted = prefix + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    return Arrays.stream(CausalLMTrainer.class.getMethods())
        .filter(method -> method.getName().equals(wanted))
        .findFirst()
        .orElseThrow();
  }
}
