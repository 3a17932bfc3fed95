package dev.penstock.engine.modelfiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Numbers that are not finite are found where they come in, and not let out. */
class WeightValuesTest {
  private static final double BEYOND_FLOAT16 = 70_000;

  @TempDir Path folder;

  private static ParameterArena arena(double... outliers) {
    List<TensorShape> shapes =
        List.of(
            new TensorShape("good.weight", List.of(3L, 4L), TensorShape.Init.ZEROS),
            new TensorShape("odd.weight", List.of(5L, 4L), TensorShape.Init.ZEROS));
    ParameterArena arena = new ParameterArena(shapes, null, ScalarType.Float, "cpu");
    arena.values().fill_(new Scalar(0.5));
    try (Tensor odd = arena.parameter("odd.weight").value().view(-1)) {
      for (int i = 0; i < outliers.length; i++) {
        odd.select(0, 2L * i).fill_(new Scalar(outliers[i]));
      }
    }
    return arena;
  }

  private void writeAndRead(ParameterArena arena, DType dtype) throws IOException {
    LocalFolder store = new LocalFolder(folder);
    WeightWriter.write(store, ModelWeights.SINGLE_FILE, arena.parameters(), dtype);
    try (ModelWeights weights = ModelWeights.open(store);
        ParameterArena fresh = arena()) {
      WeightReader.read(
          weights, fresh.parameters().stream().collect(Collectors.toMap(Parameter::name, p -> p)));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F64", "F32", "F16", "BF16"})
  void weightsThatAreNotFiniteAreNamedAndCounted(DType dtype) {
    try (ParameterArena arena =
        arena(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)) {
      assertThatThrownBy(() -> writeAndRead(arena, dtype))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("odd.weight (3)")
          .hasMessageNotContaining("good.weight");
    }
  }

  @Test
  void finiteWeightsOfAnySizePass() {
    try (ParameterArena arena = arena(Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE)) {
      assertThatCode(() -> writeAndRead(arena, DType.F32)).doesNotThrowAnyException();
    }
  }

  @Test
  void whatATypeCannotHoldIsRefusedBeforeItIsWritten() {
    try (ParameterArena arena = arena(BEYOND_FLOAT16, -BEYOND_FLOAT16)) {
      assertThatThrownBy(() -> WeightWriter.checkFits(arena.parameters(), DType.F16))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("as float16 (saveDtype)")
          .hasMessageContaining("odd.weight (2)")
          .hasMessageContaining("Set saveDtype to bfloat16 or float32");
      assertThatCode(() -> WeightWriter.checkFits(arena.parameters(), DType.BF16))
          .doesNotThrowAnyException();
    }
    try (ParameterArena arena = arena(65_504)) {
      assertThatCode(() -> WeightWriter.checkFits(arena.parameters(), DType.F16))
          .doesNotThrowAnyException();
    }
    assertThat(folder).isEmptyDirectory();
  }
}
