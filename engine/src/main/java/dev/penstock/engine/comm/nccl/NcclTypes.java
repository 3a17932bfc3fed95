package dev.penstock.engine.comm.nccl;

import dev.penstock.engine.comm.ReduceOp;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types and reductions as NCCL numbers them. */
final class NcclTypes {
  private NcclTypes() {}

  static int of(ScalarType dtype) {
    return switch (dtype.intern()) {
      case Float -> nccl.ncclFloat32;
      case Double -> nccl.ncclFloat64;
      case Half -> nccl.ncclFloat16;
      case BFloat16 -> nccl.ncclBfloat16;
      case Long -> nccl.ncclInt64;
      case Int -> nccl.ncclInt32;
      case Char -> nccl.ncclInt8;
      case Byte, Bool -> nccl.ncclUint8;
      default ->
          throw new IllegalArgumentException(
              "NCCL cannot exchange elements of type %s.".formatted(dtype.intern()));
    };
  }

  static int of(ReduceOp op) {
    return switch (op) {
      case SUM -> nccl.ncclSum;
      case MAX -> nccl.ncclMax;
      case MIN -> nccl.ncclMin;
    };
  }
}
