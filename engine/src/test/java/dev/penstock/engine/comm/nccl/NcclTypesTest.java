package dev.penstock.engine.comm.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.ReduceOp;
import java.util.Arrays;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class NcclTypesTest {
  @Test
  void dtypesOfTrainingHaveACounterpart() {
    assertThat(NcclTypes.of(ScalarType.Float)).isEqualTo(nccl.ncclFloat32);
    assertThat(NcclTypes.of(ScalarType.Double)).isEqualTo(nccl.ncclFloat64);
    assertThat(NcclTypes.of(ScalarType.Half)).isEqualTo(nccl.ncclFloat16);
    assertThat(NcclTypes.of(ScalarType.BFloat16)).isEqualTo(nccl.ncclBfloat16);
    assertThat(NcclTypes.of(ScalarType.Long)).isEqualTo(nccl.ncclInt64);
    assertThat(NcclTypes.of(ScalarType.Int)).isEqualTo(nccl.ncclInt32);
    assertThat(NcclTypes.of(ScalarType.Byte)).isEqualTo(nccl.ncclUint8);
  }

  @Test
  void otherDtypesAreRefusedByName() {
    assertThatThrownBy(() -> NcclTypes.of(ScalarType.ComplexFloat))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ComplexFloat");
  }

  @Test
  void everyReductionHasACounterpart() {
    assertThat(Arrays.stream(ReduceOp.values()).map(NcclTypes::of))
        .containsExactly(nccl.ncclSum, nccl.ncclMax, nccl.ncclMin);
  }
}
