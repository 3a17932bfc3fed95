package dev.penstock.engine.comm.nccl;

import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.cuda.nccl.ncclUniqueId;

/** What the ranks of one communicator find each other by: 128 opaque bytes. */
final class NcclUniqueId {
  static final int LENGTH = nccl.NCCL_UNIQUE_ID_BYTES;

  private final byte[] bytes;

  private NcclUniqueId(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "An NCCL unique id has %d bytes, not %d.", LENGTH, bytes.length));
    }
    this.bytes = bytes;
  }

  /** A new id; this process serves its communicator's start. */
  static NcclUniqueId create() {
    try (ncclUniqueId id = new ncclUniqueId()) {
      int result = nccl.ncclGetUniqueId(id);
      if (result != nccl.ncclSuccess) {
        throw NcclErrors.failed(result, "to make a unique id");
      }
      byte[] bytes = new byte[LENGTH];
      id.internal().get(bytes);
      return new NcclUniqueId(bytes);
    }
  }

  static NcclUniqueId of(byte[] bytes) {
    return new NcclUniqueId(bytes.clone());
  }

  static NcclUniqueId decode(String base64) {
    return new NcclUniqueId(Base64.getDecoder().decode(base64));
  }

  String encode() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  byte[] bytes() {
    return bytes.clone();
  }

  /** In the caller's PointerScope. */
  ncclUniqueId toNative() {
    ncclUniqueId id = new ncclUniqueId();
    id.internal().put(bytes);
    return id;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NcclUniqueId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
