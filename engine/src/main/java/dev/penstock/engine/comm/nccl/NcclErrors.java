package dev.penstock.engine.comm.nccl;

import dev.penstock.engine.comm.TransportException;
import org.bytedeco.cuda.global.nccl;

/** What the result codes of NCCL mean. */
final class NcclErrors {
  private NcclErrors() {}

  /**
   * The exception for a result other than success.
   *
   * @param purpose completes "NCCL failed"
   */
  static TransportException failed(int result, String purpose) {
    return new TransportException(
        "NCCL failed %s: %s. Set NCCL_DEBUG=INFO for more."
            .formatted(purpose, nccl.ncclGetErrorString(result).getString()));
  }
}
