package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComputeTypesTest {
  @ParameterizedTest
  @CsvSource({
    "Float, cpu, Float",
    "BFloat16, cpu, Float",
    "Double, cpu, Double",
    "Float, cuda:0, Float",
    "BFloat16, cuda:0, BFloat16"
  })
  void attentionIsInFloat32WhereItHasNoFastKernel(
      ScalarType precision, String device, ScalarType attention) {
    ComputeTypes types = ComputeTypes.of(precision, device);
    assertThat(types.activation()).isEqualTo(precision);
    assertThat(types.attention()).isEqualTo(attention);
  }
}
