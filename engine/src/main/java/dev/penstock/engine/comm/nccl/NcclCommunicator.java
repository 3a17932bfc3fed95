package dev.penstock.engine.comm.nccl;

import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.cuda.nccl.ncclComm;
import org.bytedeco.cuda.nccl.ncclConfig_t;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.cuda.CUDAStreamGuard;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * A native communicator with a stream of its own. Used by one thread, except {@link #checkHealthy}.
 *
 * <p>It is opened in non-blocking mode, in which a call that would wait for a peer returns at once
 * and is polled: so an abort or a timeout can end it.
 */
final class NcclCommunicator {
  /** NCCL_CONFIG_UNDEF_INT: let NCCL choose. */
  private static final int UNDEFINED = Integer.MIN_VALUE;

  private final ncclComm comm;
  private final CUDAStream stream;
  private final NcclWaits waits;

  private NcclCommunicator(ncclComm comm, CUDAStream stream, NcclWaits waits) {
    this.comm = comm;
    this.stream = stream;
    this.waits = waits;
  }

  /**
   * Connects to the other members; the device becomes the calling thread's.
   *
   * @param name of the communicator, for messages
   */
  static NcclCommunicator open(
      NcclUniqueId id, int size, int member, byte device, NcclWaits waits, String name) {
    try (PointerScope scope = new PointerScope()) {
      torch_cuda.set_device(device);
      CUDAStream stream = torch_cuda.getStreamFromPool(true /* high priority */, device);
      ncclComm comm = new ncclComm();
      int result = nccl.ncclCommInitRankConfig(comm, size, id.toNative(), member, config());
      NcclCommunicator communicator = new NcclCommunicator(comm, stream.retainReference(), waits);
      try {
        communicator.settle(result, name);
      } catch (RuntimeException e) {
        communicator.abort();
        throw e;
      }
      return communicator;
    }
  }

  /** NCCL_CONFIG_INITIALIZER with blocking off. */
  private static ncclConfig_t config() {
    ncclConfig_t config = new ncclConfig_t();
    config.size(config.sizeof()).magic(nccl.NCCL_API_MAGIC).version(nccl.NCCL_VERSION_CODE);
    config.blocking(0);
    config.cgaClusterSize(UNDEFINED).minCTAs(UNDEFINED).maxCTAs(UNDEFINED).netName(null);
    config.splitShare(UNDEFINED).trafficClass(UNDEFINED).commName(null).collnetEnable(UNDEFINED);
    config.CTAPolicy(UNDEFINED).shrinkShare(UNDEFINED).nvlsCTAs(UNDEFINED);
    config.nChannelsPerNetPeer(UNDEFINED).nvlinkCentricSched(UNDEFINED);
    return config.graphUsageMode(UNDEFINED).numRmaCtx(UNDEFINED);
  }

  /**
   * Enqueues work on the communicator's stream.
   *
   * @param ready the work starts after this event
   * @param work calls the methods below
   * @param done recorded after the work
   */
  void enqueue(CUDAEvent ready, Runnable work, CUDAEvent done) {
    try (PointerScope scope = new PointerScope();
        CUDAStreamGuard guard = new CUDAStreamGuard(stream.unwrap())) {
      ready.block(stream);
      work.run();
      done.record(stream);
    }
  }

  /** Sends the tensors to a member, one after the other, as one operation. */
  void send(int member, String awaited, Tensor... tensors) {
    group(
        awaited,
        () -> {
          for (Tensor tensor : tensors) {
            waits.checkResult(
                nccl.ncclSend(
                    tensor.data_ptr(), tensor.numel(), type(tensor), member, comm, nativeStream()),
                awaited);
          }
        });
  }

  /** Receives into the tensors what a member sends by {@link #send}. */
  void receive(int member, String awaited, Tensor... tensors) {
    group(
        awaited,
        () -> {
          for (Tensor tensor : tensors) {
            waits.checkResult(
                nccl.ncclRecv(
                    tensor.data_ptr(), tensor.numel(), type(tensor), member, comm, nativeStream()),
                awaited);
          }
        });
  }

  /** Reduces in place. */
  void allReduce(Tensor tensor, int op, String awaited) {
    settle(
        nccl.ncclAllReduce(
            tensor.data_ptr(),
            tensor.data_ptr(),
            tensor.numel(),
            type(tensor),
            op,
            comm,
            nativeStream()),
        awaited);
  }

  /** Copies the tensor of one member to all. */
  void broadcast(Tensor tensor, int root, String awaited) {
    settle(
        nccl.ncclBroadcast(
            tensor.data_ptr(),
            tensor.data_ptr(),
            tensor.numel(),
            type(tensor),
            root,
            comm,
            nativeStream()),
        awaited);
  }

  private void group(String awaited, Runnable calls) {
    waits.checkResult(nccl.ncclGroupStart(), awaited);
    int result;
    try {
      calls.run();
    } finally {
      result = nccl.ncclGroupEnd();
    }
    settle(result, awaited);
  }

  private static int type(Tensor tensor) {
    return NcclTypes.of(tensor.scalar_type());
  }

  private CUstream_st nativeStream() {
    return stream.stream();
  }

  /** Waits until a call that was started has been enqueued. */
  private void settle(int result, String awaited) {
    waits.checkResult(result, awaited);
    if (result == nccl.ncclInProgress) {
      waits.until(() -> state(awaited) != nccl.ncclInProgress, awaited);
    }
  }

  /** Throws if an operation of the communicator failed after it was enqueued. */
  void checkHealthy(String awaited) {
    state(awaited);
  }

  private int state(String awaited) {
    int[] state = new int[1];
    waits.checkResult(nccl.ncclCommGetAsyncError(comm, state), awaited);
    waits.checkResult(state[0], awaited);
    return state[0];
  }

  /** Lets what is under way end, then frees the communicator. */
  void close() {
    try {
      settle(nccl.ncclCommFinalize(comm), "the communicator to end");
      nccl.ncclCommDestroy(comm);
      stream.close();
    } catch (RuntimeException e) {
      abort();
    }
  }

  /** Ends what is under way and frees the communicator. */
  void abort() {
    nccl.ncclCommAbort(comm);
    stream.close();
  }
}
