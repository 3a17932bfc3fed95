package dev.penstock.engine.comm.nccl;

import dev.penstock.engine.torch.NativeLibraries;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.pytorch.global.torch_cuda;

/** Whether NCCL and a torch built for CUDA can be loaded. */
public final class NcclLibrary {
  private NcclLibrary() {}

  /**
   * Loads the libraries.
   *
   * @throws IllegalStateException if this node lacks one of them; the message says what to do
   */
  public static void require() {
    try {
      NativeLibraries.load(nccl.class, torch_cuda.class);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          ("NCCL is not available on this node: %s. Use device=cpu, or install the CUDA libraries"
                  + " (CUDA runtime, cuBLAS, cuDNN and NCCL 2) and put the linux-x86_64-gpu natives"
                  + " of the PyTorch presets and the natives of the CUDA presets on the class path.")
              .formatted(e.getMessage()),
          e);
    }
  }
}
